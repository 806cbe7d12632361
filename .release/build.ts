// Builds the release: an archive for each platform, checksums, third-party notices and the bill of materials.
// Two runs on the same commit give the same bytes. Arguments choose platforms; the default is all of them.
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { pageFolder } from "../lib/web/page-files.ts";
import { packFolder } from "./archive.ts";
import { compileFlags } from "./compile-flags.ts";
import { fetchRuntime } from "./fetch-runtime.ts";
import { readProduct, root, runCommand } from "./lock.ts";
import { renderNotices } from "./notices.ts";
import { renderReadme } from "./readme.ts";
import { createSbom } from "./sbom.ts";
import { findShippedPackages } from "./shipped-packages.ts";
import { type Target, targets } from "./targets.ts";

const programs = ["mcp-server", "mcp-client", "mcp-agent"];
const output = join(root, process.env["RELEASE_FOLDER"] ?? "dist/release");
const cache = join(root, "dist/runtimes");
const { name: product, version } = readProduct();

/** Seconds of the commit: SOURCE_DATE_EPOCH of https://reproducible-builds.org/specs/source-date-epoch/ wins. */
function readBuildTime(): Date {
  const seconds = process.env["SOURCE_DATE_EPOCH"] ?? runCommand(["git", "log", "-1", "--format=%ct"]).trim();
  return new Date(Number(seconds) * 1000);
}

function compile(program: string, target: Target, folder: string): void {
  const runtime = `--compile-executable-path=${fetchRuntime(target, cache)}`;
  const outfile = join(folder, target.name.startsWith("windows") ? `${program}.exe` : program);
  const source = `cmd/${program}/main.ts`;
  const page = program === "mcp-server" ? ["--asset", pageFolder] : [];
  const build = [
    process.execPath,
    "build",
    ...compileFlags,
    ...page,
    `--target=${target.bunTarget}`,
    runtime,
  ];
  runCommand([...build, source, "--outfile", outfile], { env: { NODE_ENV: "production" } });
}

interface Texts {
  readonly notices: string;
  readonly builtAt: Date;
}

function buildTarget(target: Target, { notices, builtAt }: Texts): string {
  const folder = join(output, `${product}-${version}-${target.name}`);
  mkdirSync(folder, { recursive: true });
  for (const program of programs) compile(program, target, folder);
  for (const file of ["LICENSE", "CHANGELOG.md"]) copyFileSync(join(root, file), join(folder, file));
  for (const file of target.serverFiles) copyFileSync(join(root, ".release", file), join(folder, file));
  writeFileSync(join(folder, "README.md"), renderReadme(target));
  writeFileSync(join(folder, "THIRD-PARTY-NOTICES.md"), notices);
  const archive = packFolder(folder, target, builtAt);
  rmSync(folder, { recursive: true });
  return archive;
}

async function digest(file: string): Promise<string> {
  const hasher = new Bun.CryptoHasher("sha256").update(await Bun.file(file).arrayBuffer());
  return `${hasher.digest("hex")}  ${basename(file)}\n`;
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !targets.some((target) => target.name === name));
if (unknown.length > 0) {
  process.stderr.write(
    `There is no target ${unknown.join(", ")}; choose from ${targets.map(({ name }) => name).join(", ")}.\n`,
  );
  process.exit(2);
}
const builtAt = readBuildTime();
rmSync(output, { recursive: true, force: true });
mkdirSync(output, { recursive: true });
const packages = await findShippedPackages();
const notices = renderNotices(packages);
const files: string[] = [];
for (const target of targets) {
  if (wanted.length > 0 && !wanted.includes(target.name)) continue;
  files.push(buildTarget(target, { notices, builtAt }));
  process.stdout.write(`${files.at(-1)}\n`);
}
const sbom = join(output, `${product}-${version}.cdx.json`);
writeFileSync(sbom, createSbom(packages, builtAt));
files.push(sbom);
const sums = await Promise.all(files.map(digest));
writeFileSync(join(output, "SHA256SUMS"), sums.join(""));
process.stdout.write(`${sbom}\n${join(output, "SHA256SUMS")}\n`);
