import { chooseCoding } from "./choose-coding.ts";
import { type Coding, openPageFiles, type PageFile } from "./page-files.ts";
import { pageHeaders } from "./page-headers.ts";
import { refuseMethod } from "./route.ts";

/** How the page is served. */
export interface PageOptions {
  /** Origin of the authority at which people sign in: the page may ask it. Undefined where nobody signs in. */
  readonly authorityOrigin: string | undefined;
  /** Where the built page lies. Default: in this executable, or in `dist/page`. */
  readonly folder?: string;
}

/** Answers requests for the page; undefined for any other path. */
export type PageRoute = (request: Request, path: string) => Response | undefined;

/** Every other request, and there are many more of them, must not pay for the page. */
function isPagePath(path: string): boolean {
  return path === "/" || path.startsWith("/assets/");
}

/** A year: the longest that RFC 9111 knows. */
const forever = "public, max-age=31536000, immutable";

function matches(ifNoneMatch: string | null, tag: string): boolean {
  if (ifNoneMatch === null) return false;
  const tags = ifNoneMatch.split(",").map((each) => each.trim().replace(/^W\//, ""));
  return tags.includes(tag) || tags.includes("*");
}

function describe(file: PageFile, coding: Coding): Record<string, string> {
  return {
    etag: `"${file.hash}-${coding}"`,
    // The browser asks each time whether the first document has changed, and then finds the new names in it.
    "cache-control": file.isImmutable ? forever : "no-cache",
    vary: "accept-encoding",
  };
}

/**
 * Serves the built page to anybody: it holds nothing but code. Nothing is read before the first request.
 *
 * @see RFC 9110 sections 8.8.3, 12.5.3 and 13.1.2
 */
export function createPageRoute(options: PageOptions): PageRoute {
  const files = openPageFiles(options.folder);
  const headers = pageHeaders(options.authorityOrigin);

  return function answerPage(request, path) {
    const file = isPagePath(path) ? files.find(path) : undefined;
    if (!file) return undefined;
    const refusal = refuseMethod(request, ["GET", "HEAD"]);
    if (refusal) return refusal;
    const coding = chooseCoding(file, request.headers.get("accept-encoding"));
    const described = { ...headers, ...describe(file, coding) };
    if (matches(request.headers.get("if-none-match"), `"${file.hash}-${coding}"`)) {
      return new Response(null, { status: 304, headers: described });
    }
    return new Response(files.read(file, coding), {
      headers: {
        ...described,
        "content-type": file.type,
        ...(coding === "identity" ? {} : { "content-encoding": coding }),
      },
    });
  };
}
