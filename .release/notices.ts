import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type LockedPackage, root } from "./lock.ts";

const licenceFile = /^(licen[cs]e|copying|notice)/i;

/** What Bun links into every executable, as its own documentation lists it. */
const bunNotice = `## Bun

The executables contain the Bun runtime (https://bun.com), Copyright (c) Oven, MIT licence. Bun links statically:
JavaScriptCore and parts of WebKit (LGPL 2; patched sources: https://github.com/oven-sh/webkit), TinyCC (LGPL 2.1),
BoringSSL (several licences), libarchive (several licences), ICU (Unicode licence), lol-html and zstd (BSD 3-clause),
libbase64 (BSD 2-clause), Brotli, c-ares, libdeflate, libuv, ls-hpack, mimalloc and picohttpparser (MIT), simdutf,
uSockets, uWebSockets and parts of TigerBeetle (Apache 2.0), zlib (zlib licence). The texts, and how to link Bun anew
with another JavaScriptCore: https://bun.com/docs/project/license.
`;

/** A package in the programs, and its licences' texts. */
export interface Notice {
  readonly name: string;
  readonly version: string;
  /** SPDX expression from the package. */
  readonly license: string;
  /** Empty where the package ships none. */
  readonly texts: readonly string[];
}

function readNotice({ name, version, folder }: LockedPackage): Notice {
  const path = join(root, folder);
  const { license } = JSON.parse(readFileSync(join(path, "package.json"), "utf8")) as { license?: string };
  const files = readdirSync(path)
    .filter((file) => licenceFile.test(file))
    .toSorted();
  const texts = files.map((file) => readFileSync(join(path, file), "utf8").trim());
  return { name, version, license: license ?? "", texts };
}

/** The notices of packages, by name. */
export function readNotices(packages: readonly LockedPackage[]): Notice[] {
  return packages
    .map(readNotice)
    .toSorted((a, b) => a.name.localeCompare(b.name, "en") || a.version.localeCompare(b.version, "en"));
}

function renderNotice({ name, version, license, texts }: Notice): string {
  const source = `https://www.npmjs.com/package/${name}/v/${version}`;
  const body = texts.length > 0 ? texts.join("\n\n") : `The package ships no text of its licence: ${source}`;
  return `## ${name} ${version}\n\nLicence: ${license}\n\n${body}\n`;
}

/** THIRD-PARTY-NOTICES.md for what the programs contain. */
export function renderNotices(packages: readonly LockedPackage[]): string {
  const head = "# Third-party notices\n\nWhat the executables contain besides mcp-entra's own code.\n";
  return [head, bunNotice, ...readNotices(packages).map(renderNotice)].join("\n");
}
