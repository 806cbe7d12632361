import { AppError } from "./errors.ts";
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
  "If your organisation inspects TLS or has its own authority, put its certificate in a file " +
  "and name it in NODE_EXTRA_CA_CERTS.";

type Explanation = readonly [message: string, hint: string];

function explainTls(code: string, host: string): Explanation | undefined {
  if (code === "EPROTO" || code.startsWith("ERR_SSL")) {
    return [`${host} does not answer in TLS.`, "Does the address begin with http:// instead of https://?"];
  }
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return [`The certificate of ${host} was made for another name.`, "Use the name that it was made for."];
  }
  if (code === "CERT_HAS_EXPIRED")
    return [`The certificate of ${host} has expired.`, "It must be renewed there."];
  if (/CERT|SELF_SIGNED|UNABLE_TO_|CRL|ISSUER/.test(code)) {
    return [`The certificate of ${host} cannot be verified (${code}).`, caHint];
  }
  return undefined;
}

function explainConnection(code: string, url: URL): Explanation {
  if (/REFUSED/i.test(code)) {
    return [
      `Nothing listens at ${quote(url.host)} (connection refused).`,
      "Is the server running, and is the port right?",
    ];
  }
  if (/ENOTFOUND|EAI_|DNS/i.test(code)) {
    return [`The name ${quote(url.hostname)} is not found.`, "Check the spelling, the network and the VPN."];
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
  return create("unreachable", explainTls(code, host) ?? explainConnection(code, url));
}
