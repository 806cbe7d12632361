import { type Refused, refuse } from "./aadsts.ts";

/** Where the reply addresses of single-page applications are registered. */
interface Registrations {
  readonly spaOrigins: ReadonlySet<string>;
}

/** Whether a page of this origin may redeem tokens, as Entra lets the registered single-page applications do. */
export function isSpaOrigin({ spaOrigins }: Registrations, origin: string | null): origin is string {
  return origin !== null && spaOrigins.has(origin);
}

/** Whether a reply address is a single-page application's: the root of a registered origin. */
export function isSpaAddress(state: Registrations, redirectUri: string): boolean {
  const url = URL.parse(redirectUri);
  return url !== null && url.href === `${url.origin}/` && isSpaOrigin(state, url.origin);
}

/**
 * As Entra holds the two kinds of public clients apart: what a page's reply address was given is redeemed by a page,
 * and by nobody else.
 */
export function checkClientType(
  { isSpa }: { readonly isSpa?: boolean },
  origin: string | undefined,
): Refused | undefined {
  if (isSpa === true && origin === undefined) return refuse("spa_needs_origin");
  return isSpa !== true && origin !== undefined ? refuse("not_a_spa", { origin }) : undefined;
}

/** Lets the page read the answer (Fetch, CORS protocol). No cookies: none are used here. */
export function allowOrigin(response: Response, origin: string): Response {
  response.headers.set("Access-Control-Allow-Origin", origin);
  response.headers.append("Vary", "Origin");
  return response;
}

/** Answers the question that a browser asks before a post with headers of its own. */
export function answerPreflight(request: Request, origin: string): Response {
  const asked = request.headers.get("access-control-request-headers") ?? "";
  const headers = {
    "Access-Control-Allow-Methods": "POST, OPTIONS",
    "Access-Control-Max-Age": "600",
    ...(/^[\w-]+(, ?[\w-]+)*$/.test(asked) ? { "Access-Control-Allow-Headers": asked } : {}),
  };
  return allowOrigin(new Response(null, { status: 204, headers }), origin);
}
