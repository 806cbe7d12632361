import { beforeAll, describe, expect, test } from "bun:test";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packFolder } from "../../.release/archive.ts";
import { compileFlags } from "../../.release/compile-flags.ts";
import { type LockedPackage, readLock, root, runCommand } from "../../.release/lock.ts";
import { readNotices, renderNotices } from "../../.release/notices.ts";
import { renderReadme } from "../../.release/readme.ts";
import { createSbom } from "../../.release/sbom.ts";
import { findShippedPackages } from "../../.release/shipped-packages.ts";
import { findOwnTarget, targets } from "../../.release/targets.ts";

const builtAt = new Date("2026-11-23T00:00:00Z");
let packages: readonly LockedPackage[] = [];
beforeAll(async () => {
  packages = await findShippedPackages();
});

function createFolder(): string {
  return mkdtempSync(join(tmpdir(), "mcp-release-"));
}

describe("the notices", () => {
  test("name each package in the programs with a licence and its text", () => {
    const notices = readNotices(packages);
    expect(notices.length).toBeGreaterThan(30);
    expect(notices.filter(({ license }) => license === "")).toEqual([]);
    const withoutText = notices.filter(({ texts }) => texts.length === 0).map(({ name }) => name);
    // It ships none; the text of its licence, Apache 2.0, is that of its siblings.
    expect(withoutText).toEqual(["@ai-sdk/provider-utils"]);
    const text = renderNotices(packages);
    for (const { name, version } of notices) expect(text).toContain(`## ${name} ${version}\n`);
  });

  test("know only licences that allow this use", () => {
    const licences = new Set(readNotices(packages).map(({ license }) => license));
    expect([...licences].toSorted()).toEqual(
      ["(AFL-2.1 OR BSD-3-Clause)", "Apache-2.0", "BSD-3-Clause", "ISC", "MIT"].filter((name) =>
        licences.has(name),
      ),
    );
  });

  test("hold what the programs import, and nothing that is only installed", () => {
    const names = packages.map(({ name }) => name);
    expect(names).toContain("jose");
    expect(names).toContain("@azure/msal-common");
    expect(names).not.toContain("express");
    expect(names).not.toContain("oxlint");
  });
});

describe("the bill of materials", () => {
  test("lists the packages in the programs, and Bun, with their hashes", () => {
    const { components, dependencies } = JSON.parse(createSbom(packages, builtAt));
    const listed = components.map((component: { "bom-ref": string }) => component["bom-ref"]);
    const shipped = new Set(packages.map(({ name, version }) => `${name}@${version}`));
    expect(new Set(listed)).toEqual(shipped.add("bun@1.4.5"));
    const unhashed = components.filter((component: { hashes?: unknown[] }) => !component.hashes?.length);
    expect(unhashed.map(({ name }: { name: string }) => name)).toEqual(["bun"]);
    for (const { dependsOn } of dependencies) for (const ref of dependsOn) expect(listed).toContain(ref);
  });

  test("is the same each time", () => {
    expect(createSbom(packages, builtAt)).toBe(createSbom(packages, builtAt));
  });
});

describe("an archive", () => {
  test.each(["tar.gz", "zip"] as const)("holds the same bytes each time: %s", (archive) => {
    const digests = [1, 2].map((round) => {
      const folder = join(createFolder(), "mcp-entra-0.0.0-test");
      mkdirSync(folder, { mode: round === 1 ? 0o700 : 0o755 });
      const names = round === 1 ? ["mcp-client", "LICENSE", "a"] : ["a", "LICENSE", "mcp-client"];
      for (const name of names)
        writeFileSync(join(folder, name), name, { mode: round === 1 ? 0o600 : 0o666 });
      const file = packFolder(folder, { ...targets[0]!, archive }, builtAt);
      return Bun.hash(readFileSync(file));
    });
    expect(digests[0]).toBe(digests[1]!);
  });

  test("lets everybody read all of it, and run the programs alone", () => {
    const folder = join(createFolder(), "mcp-entra-0.0.0-test");
    mkdirSync(folder, { mode: 0o700 });
    for (const name of ["mcp-server", "mcp-server.service", "LICENSE"])
      writeFileSync(join(folder, name), name, { mode: 0o600 });
    const file = packFolder(folder, { ...targets[0]!, archive: "tar.gz" }, builtAt);
    const listed = runCommand(["tar", "-tvzf", file]).trim().split("\n");
    expect(listed.map((line) => [line.slice(0, 10), line.split("/").at(-1)])).toEqual([
      ["drwxr-xr-x", ""],
      ["-rw-r--r--", "LICENSE"],
      ["-rwxr-xr-x", "mcp-server"],
      ["-rw-r--r--", "mcp-server.service"],
    ]);
  });

  test("explains what a person must do first on macOS for Intel", () => {
    const target = targets.find(({ name }) => name === "macos-x64")!;
    expect(renderReadme(target)).toContain("codesign --force --sign -");
  });
});

/** The compiler's flags in the Makefile. */
function readMakefileFlags(): string[] {
  const makefile = readFileSync(join(root, "Makefile"), "utf8").replaceAll("\\\n", " ");
  return (/^BUILD := NODE_ENV=production \$\(BUN\) build (.*)$/m.exec(makefile)?.[1] ?? "").split(/\s+/);
}

test("the release is compiled as what is tested", () => {
  expect(compileFlags).toEqual(readMakefileFlags());
});

test("two checkouts in different places give the same program", () => {
  const builds = [1, 2].map(() => {
    const folder = createFolder();
    for (const name of ["cmd", "lib", "package.json", "tsconfig.json"]) {
      cpSync(join(root, name), join(folder, name), { recursive: true });
    }
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    const outfile = join(folder, "mcp-client");
    const build = [
      process.execPath,
      "build",
      ...compileFlags,
      "cmd/mcp-client/main.ts",
      "--outfile",
      outfile,
    ];
    runCommand(build, { cwd: folder, env: { NODE_ENV: "production" } });
    const digest = new Bun.CryptoHasher("sha256").update(readFileSync(outfile)).digest("hex");
    rmSync(folder, { recursive: true });
    return digest;
  });
  expect(builds[0]).toBe(builds[1]!);
});

test("the release workflow names one file as the bill of materials: that action knows no patterns", () => {
  const text = readFileSync(join(root, ".github/workflows/release.yml"), "utf8");
  expect(text).toMatch(/^ +sbom-path: [^*?]+$/m);
  expect(text.indexOf("sudo chown")).toBeGreaterThan(text.indexOf(".ci/run"));
  expect(text.indexOf("sudo chown")).toBeLessThan(text.indexOf("make release"));
});

test("each target's runtime is pinned in package-lock.json, in Bun's own version", () => {
  const lock = readLock();
  const bun = lock.find(({ name }) => name === "bun")?.version;
  for (const { runtime } of targets) expect(lock.find(({ name }) => name === runtime)?.version).toBe(bun!);
  expect(targets.map(({ name }) => name)).toContain(findOwnTarget()?.name ?? "linux-x64");
});
