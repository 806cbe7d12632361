/** A platform that is released. */
export interface Target {
  /** As in the names of the archives. */
  readonly name: string;
  /** As `bun build --target` names it. */
  readonly bunTarget: string;
  /** The npm package that holds Bun for it. */
  readonly runtime: string;
  readonly archive: "tar.gz" | "zip";
  /** Files of this folder that help to run a server there: for systemd, and for a container of glibc. */
  readonly serverFiles: readonly string[];
}

function defineTarget(name: string, bunTarget: string, runtime: string): Target {
  return {
    name,
    bunTarget,
    runtime: `@oven/${runtime}`,
    archive: name.startsWith("windows") ? "zip" : "tar.gz",
    serverFiles: /^linux-[a-z0-9]+$/.test(name) ? ["Containerfile", "mcp-server.service"] : [],
  };
}

/** Every platform that is released. */
export const targets: readonly Target[] = [
  defineTarget("linux-x64", "bun-linux-x64", "bun-linux-x64"),
  defineTarget("linux-arm64", "bun-linux-arm64", "bun-linux-aarch64"),
  defineTarget("linux-x64-musl", "bun-linux-x64-musl", "bun-linux-x64-musl"),
  defineTarget("linux-arm64-musl", "bun-linux-arm64-musl", "bun-linux-aarch64-musl"),
  defineTarget("macos-arm64", "bun-darwin-arm64", "bun-darwin-aarch64"),
  defineTarget("macos-x64", "bun-darwin-x64", "bun-darwin-x64"),
  defineTarget("windows-x64", "bun-windows-x64", "bun-windows-x64"),
];

/** The target of the machine that this runs on. */
export function findOwnTarget(): Target | undefined {
  const system = { linux: "linux", darwin: "macos", win32: "windows" }[process.platform as string];
  return targets.find(({ name }) => name === `${system}-${process.arch}`);
}
