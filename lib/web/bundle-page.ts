// Builds the page into dist/page. Part of the build and of no program. NODE_ENV says which React is embedded.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { type Coding, manifestName, type PageFile, pageFolder } from "./page-files.ts";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

const compressors: readonly (readonly [Coding, string, (bytes: Buffer) => Buffer])[] = [
  ["gzip", ".gz", (bytes) => gzipSync(bytes, { level: 9 })],
  ["br", ".br", compressBrotli],
];

function compressBrotli(bytes: Buffer): Buffer {
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.byteLength,
  };
  return brotliCompressSync(bytes, { params });
}

/** Bundles with the hash of each file in its name; gives the names from the folder. */
async function bundle(folder: string): Promise<readonly string[]> {
  const built = await Bun.build({
    entrypoints: [join(import.meta.dir, "page/index.html")],
    outdir: folder,
    target: "browser",
    minify: true,
    splitting: true,
    publicPath: "/",
    naming: {
      entry: "[name].[ext]",
      chunk: "assets/[name]-[hash].[ext]",
      asset: "assets/[name]-[hash].[ext]",
    },
  });
  return built.outputs.map(({ path }) => path.slice(join(folder, "/").length).replaceAll("\\", "/"));
}

function describeFile(folder: string, name: string): PageFile {
  const bytes = readFileSync(join(folder, name));
  const type = types[extname(name)];
  if (type === undefined) throw new Error(`the page has a file of an unknown type: ${name}`);
  const compressed = compressors.flatMap(([coding, suffix, compress]) => {
    const smaller = compress(bytes);
    if (smaller.byteLength >= bytes.byteLength) return [];
    writeFileSync(join(folder, name + suffix), smaller);
    return [[coding, name + suffix]];
  });
  return {
    type,
    hash: new Bun.CryptoHasher("sha256").update(bytes).digest("base64url").slice(0, 22),
    isImmutable: name.startsWith("assets/"),
    codings: { identity: name, ...(Object.fromEntries(compressed) as PageFile["codings"]) },
  };
}

/** Builds the page into a folder, compressed, with its manifest. */
async function bundlePage(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const names = await bundle(folder);
  const entries = names.map((name): [string, PageFile] => {
    const path = basename(name) === "index.html" ? "/" : `/${name}`;
    return [path, describeFile(folder, name)];
  });
  writeFileSync(join(folder, manifestName), JSON.stringify(Object.fromEntries(entries)));
}

await bundlePage(join(import.meta.dir, "../..", pageFolder));
