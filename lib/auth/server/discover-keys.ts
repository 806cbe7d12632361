import { isLoopbackHost, isLoopbackUrl, isSafeUrl } from "../../base/loopback.ts";
import { quote } from "../../base/text.ts";
import { fetchJson, keysUnavailable } from "./fetch-json.ts";

function memberOf(document: unknown, name: string): unknown {
  return typeof document === "object" && document !== null ? Reflect.get(document, name) : undefined;
}

/** Where an issuer's metadata lie: OpenID Connect's place, then OAuth's. */
function metadataUrls(issuer: string): readonly string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, "");
  return [
    `${origin}${path}/.well-known/openid-configuration`,
    `${origin}/.well-known/oauth-authorization-server${path}`,
  ];
}

/** An issuer elsewhere may not send us to the programs of this machine. */
function mayServeKeys(url: URL, issuer: string): boolean {
  const hasUser = url.username !== "" || url.password !== "";
  return isSafeUrl(url) && !hasUser && (isLoopbackUrl(issuer) || !isLoopbackHost(url.hostname));
}

async function readKeyUrl(url: string, issuer: string, timeoutMs: number): Promise<string> {
  const document = await fetchJson(url, timeoutMs);
  const named = memberOf(document, "issuer");
  if (named !== issuer) {
    throw keysUnavailable(`${url}: its issuer is ${quote(named ?? "missing")}, not ${quote(issuer)}`);
  }
  const jwksUri = memberOf(document, "jwks_uri");
  if (typeof jwksUri !== "string") throw keysUnavailable(`${url}: it has no jwks_uri`);
  const parsed = URL.parse(jwksUri);
  if (!parsed || !mayServeKeys(parsed, issuer)) {
    throw keysUnavailable(`${url}: keys are not taken from its jwks_uri, ${quote(jwksUri)}`);
  }
  return parsed.href;
}

/**
 * The address of an issuer's keys, from its metadata document, which must name the issuer to the letter.
 *
 * @throws `keys_unavailable`
 * @see OpenID Connect Discovery 1.0 section 4, RFC 8414 section 3
 */
export async function discoverKeyUrl(issuer: string, timeoutMs: number): Promise<string> {
  const [first = "", second = ""] = metadataUrls(issuer);
  try {
    return await readKeyUrl(first, issuer, timeoutMs);
  } catch (error) {
    // Where neither answers, the first failure tells more: OpenID configurations are what most issuers have.
    return readKeyUrl(second, issuer, timeoutMs).catch(() => Promise.reject(error));
  }
}
