/**
 * What the page may do: run and show what this server brings, ask this server and the authority, and nothing else.
 * There is no inline script or style, and no markup is made from strings (trusted types, of which it makes none).
 *
 * @param authorityOrigin where people sign in; undefined where nobody does
 */
function contentSecurityPolicy(authorityOrigin: string | undefined): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    ["connect-src 'self'", ...(authorityOrigin === undefined ? [] : [authorityOrigin])].join(" "),
    "img-src 'self' data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
}

/**
 * Headers of every answer that belongs to the page.
 *
 * The opener policy cuts the page off from whoever opened it, and lets it open the sign-in window.
 */
export function pageHeaders(authorityOrigin: string | undefined): Readonly<Record<string, string>> {
  return {
    "content-security-policy": contentSecurityPolicy(authorityOrigin),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin-allow-popups",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
  };
}
