import { AppError } from "./errors.ts";
import { isLoopbackHost } from "./loopback.ts";
import { quote } from "./text.ts";

/** The code that Bun's fetch puts on its errors. */
function codeOf(thrown: unknown): string {
  const code = typeof thrown === "object" && thrown !== null && "code" in thrown ? thrown.code : undefined;
  return typeof code === "string" ? code : "";
}

/** Whether the server hung up on the request without a word. */
export function isClosedUnanswered(thrown: unknown): boolean {
  return ["ECONNRESET", "EPIPE", "ConnectionClosed"].includes(codeOf(thrown));
}

const caHint =
  "If your organisation inspects TLS or has its own authority, name its certificate (PEM) with --ca-cert FILE or in " +
  "NODE_EXTRA_CA_CERTS.";

type Explanation = readonly [message: string, hint: string];

const selfSigned: readonly string[] = ["DEPTH_ZERO_SELF_SIGNED_CERT", "SELF_SIGNED_CERT_IN_CHAIN"];

function explainCertificate(code: string, host: string): Explanation | undefined {
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return [`The certificate of ${host} was made for another name.`, "Use the name that it was made for."];
  }
  if (code === "CERT_HAS_EXPIRED") {
    return [
      `The certificate of ${host} has expired.`,
      "It must be renewed there; or this machine's clock is wrong.",
    ];
  }
  if (code === "CERT_NOT_YET_VALID") {
    return [`The certificate of ${host} is not valid yet.`, "Check this machine's clock."];
  }
  if (selfSigned.includes(code)) {
    return [
      `The certificate of ${host} is signed by itself, so that nobody vouches for it (${code}).`,
      caHint,
    ];
  }
  if (/CERT|UNABLE_TO_|CRL|ISSUER/.test(code)) {
    return [`The certificate of ${host} cannot be verified: its issuer is not known here (${code}).`, caHint];
  }
  return undefined;
}

/** Whether an error of {@link explainUnreachable} is about a certificate, by the code that is its detail. */
export function isCertificateFault({ detail = "" }: AppError): boolean {
  return explainCertificate(detail, "") !== undefined;
}

function explainTls(code: string, host: string): Explanation | undefined {
  if (code === "EPROTO" || code.startsWith("ERR_SSL")) {
    return [`${host} does not answer in TLS.`, "Does the address begin with http:// instead of https://?"];
  }
  return explainCertificate(code, host);
}

/** The name that was looked up; with a proxy it is the proxy's. */
function lookedUp(thrown: unknown, url: URL): string {
  const name =
    typeof thrown === "object" && thrown !== null && "hostname" in thrown ? thrown.hostname : undefined;
  return typeof name === "string" ? name : url.hostname;
}

function explainConnection(code: string, url: URL, thrown: unknown): Explanation {
  if (code === "ERR_PROXY_TUNNEL") {
    return [
      `The proxy in HTTPS_PROXY does not let us through to ${quote(url.host)}.`,
      "Does it want a user and password (http://user:password@proxy:port)? Or name the host in NO_PROXY.",
    ];
  }
  if (/REFUSED/i.test(code)) {
    const hint = "Is the server running, and is the port right?";
    const proxy = isLoopbackHost(url.hostname) ? "" : " If a proxy is set in HTTPS_PROXY, is it running?";
    return [`Nothing listens at ${quote(url.host)} (connection refused).`, hint + proxy];
  }
  if (/ENOTFOUND|EAI_|DNS/i.test(code)) {
    const name = lookedUp(thrown, url);
    const hint = "Check the spelling, the network and the VPN.";
    const isProxy = name !== url.hostname;
    return [`The name ${quote(name)}${isProxy ? " of the proxy" : ""} is not found.`, hint];
  }
  return [`${quote(url.host)} cannot be reached.`, "Check the address, the network and the VPN."];
}

function isNoHttp(code: string): boolean {
  return code.startsWith("Malformed_HTTP") || code.startsWith("HPE_") || code.startsWith("InvalidHTTP");
}

/**
 * Turns what fetch throws before there is an answer into one sentence with what to do.
 *
 * @returns undefined where the network is not to blame
 */
export function explainUnreachable(thrown: unknown, url: URL): AppError | undefined {
  const code = codeOf(thrown);
  if (thrown instanceof AppError || code === "") return undefined;
  const host = quote(url.host);
  const create = (name: "unreachable" | "not_mcp", [message, hint]: Explanation) =>
    new AppError(name, message, { cause: thrown, detail: code, hint });
  if (isNoHttp(code)) return create("not_mcp", [`${host} answers, but not in HTTP.`, "Is the port right?"]);
  if (isClosedUnanswered(thrown)) {
    const message = `${host} closes the connection without an answer.`;
    return create("unreachable", [message, "Does it speak TLS (https://)?"]);
  }
  return create("unreachable", explainTls(code, host) ?? explainConnection(code, url, thrown));
}
