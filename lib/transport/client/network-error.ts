import { AppError, toAppError } from "../../base/errors.ts";
import { quote } from "../../base/text.ts";
import type { Operation } from "./operation.ts";

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

function explainTls(code: string, host: string): [message: string, hint: string] | undefined {
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

function explainConnection(code: string, url: URL): [message: string, hint: string] {
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

/** The error for an exchange that broke before there was a whole answer. */
export function connectionLost(operation: Operation, cause?: unknown): AppError {
  return new AppError(
    "connection_lost",
    operation.hasEffects
      ? `${operation.subject} was cut off, and it may have run.`
      : `${operation.subject} was cut off, nothing was changed.`,
    {
      cause,
      hint: operation.hasEffects ? "Check what it did before you call it again." : "Try again.",
    },
  );
}

/** Turns what fetch throws before there is an answer into one sentence with what to do. */
export function explainNetworkError(thrown: unknown, url: URL, operation: Operation | undefined): AppError {
  const code = codeOf(thrown);
  // Without a code it is not the network's but, for example, a fault of the token source.
  if (thrown instanceof AppError || code === "") return toAppError(thrown);
  const detail = code;
  if (code.startsWith("Malformed_HTTP") || code.startsWith("HPE_") || code.startsWith("InvalidHTTP")) {
    const message = `${quote(url.host)} answers, but not in HTTP.`;
    return new AppError("not_mcp", message, { cause: thrown, detail, hint: "Is the port right?" });
  }
  if (isClosedUnanswered(thrown)) {
    if (operation?.hasEffects) return connectionLost(operation, thrown);
    const message = `${quote(url.host)} closes the connection without an answer.`;
    return new AppError("unreachable", message, {
      cause: thrown,
      detail,
      hint: "Does it speak TLS (https://)?",
    });
  }
  const [message, hint] = explainTls(code, quote(url.host)) ?? explainConnection(code, url);
  return new AppError("unreachable", message, { cause: thrown, detail, hint });
}
