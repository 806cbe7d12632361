/** What a Bearer challenge says (RFC 6750 section 3). Other people's text. */
export interface Challenge {
  readonly error: string | undefined;
  readonly errorDescription: string | undefined;
  readonly scope: string | undefined;
  /** Of a claims challenge (Microsoft Entra, continuous access evaluation): base64 of JSON. */
  readonly claims: string | undefined;
}

const authParam = /([a-z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/gi;

/** Reads the Bearer challenge of an answer. Reads 8 KiB of the header at most. */
export function readChallenge(response: Response): Challenge {
  const header = (response.headers.get("www-authenticate") ?? "").slice(0, 8192);
  const start = header.search(/\bbearer\b/i);
  const params = new Map<string, string>();
  for (const [, name, quoted, plain] of header.slice(Math.max(start, 0)).matchAll(authParam)) {
    const key = (name ?? "").toLowerCase();
    if (!params.has(key)) params.set(key, quoted?.replace(/\\(.)/g, "$1") ?? plain ?? "");
  }
  return {
    error: params.get("error"),
    errorDescription: params.get("error_description"),
    scope: params.get("scope"),
    claims: params.get("claims"),
  };
}
