import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

/** Content codings in which a file of the page may lie ready, the smallest first (RFC 9110 section 8.4.1). */
export const codings = ["br", "gzip", "identity"] as const;
export type Coding = (typeof codings)[number];

/** One address of the page. */
export interface PageFile {
  /** `Content-Type`. */
  readonly type: string;
  /** Of the content, in base64url; a strong validator together with the coding. */
  readonly hash: string;
  /** Whether the address has a hash of the content in it: what lies there never changes. */
  readonly isImmutable: boolean;
  /** Where each coding lies, from the page's folder. `identity` is always there. */
  readonly codings: Readonly<Partial<Record<Coding, string>>>;
}

/** What the build wrote: the page's files by the path under which they are served. */
export type PageManifest = Readonly<Record<string, PageFile>>;

/** Name of the manifest in the page's folder. */
export const manifestName = "manifest.json";

/** From the repository's root; the compiled server carries it under its last name. */
export const pageFolder = "dist/page";

/** Where the built page lies: in the executable, or, for a server that runs from its sources, in the repository. */
function findFolder(): string {
  const embedded = join(import.meta.dir, basename(pageFolder));
  return existsSync(join(embedded, manifestName)) ? embedded : join(import.meta.dir, "../..", pageFolder);
}

/** The built page. */
export interface PageFiles {
  find(path: string): PageFile | undefined;
  /** The bytes of a file in a coding that it has. */
  read(file: PageFile, coding: Coding): Uint8Array<ArrayBuffer>;
}

/** Opens the built page; nothing is read before somebody asks, and then it is kept. */
export function openPageFiles(folder?: string): PageFiles {
  const kept = new Map<string, Uint8Array<ArrayBuffer>>();
  let opened: { readonly root: string; readonly manifest: PageManifest } | undefined;

  function open() {
    const root = folder ?? findFolder();
    // Our own build wrote it.
    const manifest = JSON.parse(readFileSync(join(root, manifestName), "utf8")) as PageManifest;
    return { root, manifest };
  }

  return {
    find(path) {
      opened ??= open();
      return opened.manifest[path];
    },
    read(file, coding) {
      opened ??= open();
      const name = file.codings[coding] ?? "";
      const bytes = kept.get(name) ?? new Uint8Array(readFileSync(join(opened.root, name)));
      kept.set(name, bytes);
      return bytes;
    },
  };
}
