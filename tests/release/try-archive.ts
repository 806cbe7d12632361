// Tries the release for this machine as a stranger would: checks the sums, unpacks the archive into an empty folder, and
// runs the demo there, in a folder full of files that must not be read.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readProduct, root } from "../../.release/lock.ts";
import { findOwnTarget } from "../../.release/targets.ts";

const release = join(root, process.env["RELEASE_FOLDER"] ?? "dist/release");
const { name, version } = readProduct();
const unpacked = `${name}-${version}-${findOwnTarget()?.name}`;

function run(command: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}): void {
  const { exitCode } = Bun.spawnSync([...command], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (exitCode !== 0) throw new Error(`${command.join(" ")} ended with ${exitCode}`);
}

/** The server carries its page beside its code. */
async function tryPage(server: string): Promise<void> {
  const child = Bun.spawn([server, "--no-auth", "--port", "0"], { stdio: ["ignore", "ignore", "pipe"] });
  try {
    let text = "";
    for await (const chunk of child.stderr) {
      text += new TextDecoder().decode(chunk);
      const page = /Page\s+(\S+)\n/.exec(text)?.[1];
      if (page === undefined) continue;
      const { status } = await fetch(page);
      if (status !== 200) throw new Error(`The page of the release answers ${status}.`);
      return;
    }
    throw new Error("The server of the release did not start.");
  } finally {
    child.kill();
    await child.exited;
  }
}

/** What Bun, a shell or a careless program would obey. */
const hostileFiles: Readonly<Record<string, string>> = {
  ".env": "BUN_OPTIONS=--preload ./evil.ts\nNODE_OPTIONS=--require ./evil.ts\nMCP_TOKEN_CACHE=/dev/null\n",
  "bunfig.toml": 'preload = ["./evil.ts"]\n',
  "evil.ts": 'require("node:fs").writeFileSync("pwned", "");\n',
  "package.json": '{ "type": "commonjs", "imports": { "#x": "./evil.ts" } }\n',
  "tsconfig.json": '{ "compilerOptions": { "paths": { "*": ["./evil.ts"] } } }\n',
};

const archive = join(release, `${unpacked}.tar.gz`);
if (!existsSync(archive)) {
  process.stdout.write("The release for this machine was not built: nothing to try.\n");
  process.exit(0);
}
const folder = mkdtempSync(join(tmpdir(), "mcp-entra-release-"));
try {
  run(["sha256sum", "--check", "--quiet", "--ignore-missing", "SHA256SUMS"], release);
  run(["tar", "-xzf", archive], folder);
  const current = join(folder, "current");
  mkdirSync(current);
  for (const [file, text] of Object.entries(hostileFiles)) writeFileSync(join(current, file), text);
  const programs = join(folder, unpacked);
  run([process.execPath, join(root, "tests/demo/main.ts")], root, {
    DEMO_PROGRAMS: programs,
    DEMO_FOLDER: current,
  });
  if (existsSync(join(current, "pwned"))) throw new Error("A file of the current folder was run.");
  await tryPage(join(programs, "mcp-server"));
  const left = readdirSync(current).filter((file) => !(file in hostileFiles));
  process.stdout.write(`The release works from an empty folder. It left there: ${left.join(", ")}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
