import { X509Certificate } from "node:crypto";
import { compactVerify, decodeJwt, decodeProtectedHeader, importJWK, type JWK } from "jose";
import { type Clock, nowSeconds } from "../base/clock.ts";
import { type Refused, refuse } from "./aadsts.ts";
import { requireParameter } from "./entra-request.ts";
import { apiClientId, daemonClientId, publicClientId, tenantId } from "./registration.ts";
import type { SecretRegistry } from "./secret-registry.ts";
import { issuerV2 } from "./token-claims.ts";

/** Whose tokens stand for the daemon (workload identity federation). No key is fetched: it is given here. */
export interface Federation {
  readonly issuer: string;
  readonly subject: string;
  readonly publicKey: JWK;
}

const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/** What a foreign token must be made for. */
const federationAudience = "api://AzureADTokenExchange";
const skewSeconds = 300;

type Form = ReadonlyMap<string, string>;
type Claims = Readonly<Record<string, unknown>>;

interface Assertion {
  readonly text: string;
  readonly header: Claims;
  readonly claims: Claims;
}

/** What checking an assertion needs. */
interface Place {
  readonly origin: string;
  readonly clock: Clock;
}

function decode(text: string): Assertion | undefined {
  try {
    return { text, header: { ...decodeProtectedHeader(text) }, claims: { ...decodeJwt(text) } };
  } catch {
    return undefined;
  }
}

async function isSignedBy(assertion: Assertion, jwk: JWK): Promise<boolean> {
  try {
    const options = { algorithms: ["PS256", "RS256"] };
    await compactVerify(assertion.text, await importJWK(jwk, String(assertion.header["alg"])), options);
    return true;
  } catch {
    return false;
  }
}

function isInTime({ claims }: Assertion, clock: Clock): boolean {
  const now = nowSeconds(clock);
  const { exp, nbf = now } = claims;
  return typeof exp === "number" && exp > now - skewSeconds && Number(nbf) < now + skewSeconds;
}

/** Ways in for the one application of the dev tenant that calls the API as itself. */
export class DaemonCredentials {
  readonly #secrets: SecretRegistry;
  #secret: string | undefined;
  readonly #certificates = new Map<string, JWK>();
  readonly #federations: Federation[] = [];

  constructor(secrets: SecretRegistry) {
    this.#secrets = secrets;
  }

  /** Made when somebody asks for it, fresh at every start. */
  get secret(): string {
    const random = Buffer.from(crypto.getRandomValues(new Uint8Array(30))).toString("base64url");
    this.#secret ??= this.#secrets.add("client_secret", `dev8Q~${random}`);
    return this.#secret;
  }

  /**
   * Uploads a certificate, as PEM. No chain is looked at, as at Entra.
   *
   * @throws TypeError and the like where it is none
   */
  addCertificate(pem: string): void {
    const certificate = new X509Certificate(pem);
    const thumbprint = new Bun.CryptoHasher("sha256").update(certificate.raw).digest("base64url");
    this.#certificates.set(thumbprint, certificate.publicKey.export({ format: "jwk" }) as JWK);
  }

  /** Trusts tokens of another issuer about one subject. */
  addFederation(federation: Federation): void {
    this.#federations.push(federation);
  }

  /** Makes sure who asks: by secret, by a certificate's assertion, or by a foreign token (RFC 7523 section 2.2). */
  async authenticate(form: Form, place: Place): Promise<string | Refused> {
    const clientId = requireParameter(form, "client_id");
    if (typeof clientId !== "string") return clientId;
    const lower = clientId.toLowerCase();
    const isKnown = [daemonClientId, apiClientId, publicClientId].includes(lower);
    if (!isKnown) return refuse("unknown_application", { client: clientId });
    const [secret, assertion] = [form.get("client_secret"), form.get("client_assertion")];
    if (!secret && !assertion) return refuse("client_secret_required");
    if (assertion) return this.#checkAssertion(form, { clientId: lower, assertion, ...place });
    const isRight = lower === daemonClientId && secret === this.secret;
    return isRight ? daemonClientId : refuse("wrong_client_secret", { client: clientId });
  }

  async #checkAssertion(
    form: Form,
    asked: Place & { readonly clientId: string; readonly assertion: string },
  ): Promise<string | Refused> {
    const assertion = decode(asked.assertion);
    if (
      form.get("client_assertion_type") !== assertionType ||
      !assertion ||
      asked.clientId !== daemonClientId
    ) {
      return refuse("bad_assertion");
    }
    if (!isInTime(assertion, asked.clock)) return refuse("assertion_expired");
    const isOwn = assertion.claims["iss"] === daemonClientId;
    return isOwn ? this.#checkOwn(assertion, asked.origin) : this.#checkForeign(assertion);
  }

  async #checkOwn(assertion: Assertion, origin: string): Promise<string | Refused> {
    const { header, claims } = assertion;
    const jwk = this.#certificates.get(String(header["x5t#S256"]));
    if (!jwk || !(await isSignedBy(assertion, jwk))) return refuse("unknown_certificate");
    if (claims["sub"] !== daemonClientId) return refuse("assertion_of_another");
    const audiences = [`${origin}/${tenantId}/oauth2/v2.0/token`, issuerV2(origin)];
    return audiences.includes(String(claims["aud"])) ? daemonClientId : refuse("assertion_audience");
  }

  async #checkForeign(assertion: Assertion): Promise<string | Refused> {
    const { iss, sub, aud } = assertion.claims;
    const found = this.#federations.find(({ issuer, subject }) => issuer === iss && subject === sub);
    if (!found) return refuse("unknown_federation", { subject: String(sub) });
    if (aud !== federationAudience) return refuse("federation_audience", { audience: String(aud) });
    return (await isSignedBy(assertion, found.publicKey)) ? daemonClientId : refuse("bad_assertion");
  }
}
