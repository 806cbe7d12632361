import type { ExtraHeaders } from "./contract.ts";

/** The headers of one request with those that somebody configured; what the protocol sets stays as it is. */
export function withExtraHeaders(
  own: ConstructorParameters<typeof Headers>[0],
  extra: ExtraHeaders | undefined,
): Headers {
  const headers = new Headers(own);
  for (const [name, value] of Object.entries(extra?.others ?? {})) {
    if (!headers.has(name)) headers.set(name, value);
  }
  return headers;
}
