import { AppError } from "../base/errors.ts";
import { isJsonObject, type JsonObject, toJsonObject } from "../base/json.ts";
import { neutralise } from "../base/text.ts";

/** Why a request that went through the Azure CLI was refused. */
export interface AzFailure {
  /** HTTP status, as far as its name tells. */
  readonly status: number | undefined;
  /** `error.code` of Microsoft Graph and the codes in its details. */
  readonly codes: readonly string[];
  /** Of the sign-in service, e.g. `AADSTS700082`. */
  readonly aadsts: string | undefined;
}

/** The reason phrases (RFC 9110 section 15) that `az rest` prints in the place of a status. */
const statuses: Readonly<Record<string, number>> = {
  "Bad Request": 400,
  Unauthorized: 401,
  Forbidden: 403,
  "Not Found": 404,
  Conflict: 409,
  "Too Many Requests": 429,
  "Internal Server Error": 500,
  "Bad Gateway": 502,
  "Service Unavailable": 503,
  "Gateway Timeout": 504,
};

function parseObject(text: string): JsonObject {
  try {
    return toJsonObject(JSON.parse(text));
  } catch {
    return {};
  }
}

function codesOf(body: JsonObject): string[] {
  const error = toJsonObject(body["error"]);
  const details = Array.isArray(error["details"]) ? error["details"].filter(isJsonObject) : [];
  return [error, ...details].map(({ code }) => code).filter((code) => typeof code === "string");
}

/** The reason phrase and the body of the answer. Looks at each character once: the text may be long, and anybody's. */
function splitFailure(text: string): { readonly reason: string; readonly body: string } {
  const begin = text.indexOf("ERROR: ");
  const open = text.indexOf("({", begin);
  const close = text.lastIndexOf("})");
  if (begin === -1 || open === -1 || close < open) return { reason: "", body: "" };
  return { reason: text.slice(begin + "ERROR: ".length, open).trim(), body: text.slice(open + 1, close + 1) };
}

/**
 * Reads the last words of a failed `az`: `ERROR: Forbidden({"error":{"code":...}})`, the reason phrase and the body of
 * the answer. Of the texts in it only codes are looked at.
 *
 * @see Azure CLI: `send_raw_request` in azure-cli-core
 */
export function readAzFailure(stderr: string): AzFailure {
  const text = neutralise(stderr);
  const { reason, body } = splitFailure(text);
  const [aadsts] = /\bAADSTS\d{4,7}\b/.exec(text) ?? [];
  const status = Object.hasOwn(statuses, reason) ? statuses[reason] : undefined;
  return { status, codes: codesOf(parseObject(body)), aadsts };
}

/** A request that Microsoft Graph, or the Azure CLI on the way to it, refused. */
export class AzRefusal extends Error {
  override readonly name = "AzRefusal";
  readonly failure: AzFailure;

  constructor(failure: AzFailure) {
    super("az failed");
    this.failure = failure;
  }
}

function describeCodes({ status, codes }: AzFailure): string {
  const known = [...(status === undefined ? [] : [`HTTP ${status}`]), ...codes.slice(0, 3)];
  // A code is a word; anything else is no code and not shown.
  return known.filter((word) => /^[\w .-]{1,60}$/.test(word)).join(", ");
}

const askForRole =
  "Somebody with the role Application Developer, Cloud Application Administrator or higher can run the same command; " +
  "--print shows all of it as az commands.";

/** Turns a refusal into an error that says what to do. `what` completes the sentence "Microsoft Graph refused to …". */
export function explainRefusal({ failure }: AzRefusal, what: string): AppError {
  const { status, aadsts } = failure;
  if (aadsts !== undefined || status === 401) {
    return new AppError(
      "sign_in_required",
      `The Azure CLI must sign in anew${aadsts ? ` (${aadsts})` : ""}.`,
      {
        hint: "Run az login, then this command again.",
      },
    );
  }
  if (status === 403) {
    return new AppError("setup_denied", `You are not allowed to ${what} (HTTP 403).`, { hint: askForRole });
  }
  if (status === 429) {
    return new AppError("rate_limited", `Microsoft Graph asks to slow down; it did not ${what}.`, {
      hint: "Run the command again in some minutes: it goes on where it stopped.",
    });
  }
  const codes = describeCodes(failure);
  return new AppError(
    "server_failed",
    `Microsoft Graph did not ${what}${codes === "" ? "" : ` (${codes})`}.`,
    {
      hint: "Run the command again: it goes on where it stopped. --print shows the az commands, to try them one by one.",
    },
  );
}
