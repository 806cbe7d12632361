/**
 * The global `fetch`, which verifies certificates whatever the environment says: `NODE_TLS_REJECT_UNAUTHORIZED=0`
 * would let anybody on the way read tokens, keys and secrets. Who has an authority of their own names it with
 * `--ca-cert` or `NODE_EXTRA_CA_CERTS`.
 */
export function verifiedFetch(input: string | URL | Request, init?: BunFetchRequestInit): Promise<Response> {
  return fetch(input, { ...init, tls: { ...init?.tls, rejectUnauthorized: true } });
}
