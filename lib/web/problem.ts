import { type ChallengeOptions, nameRefusal, toRefusalHeaders } from "../auth/server/challenge.ts";
import { type AppError, describeErrorCode } from "../base/errors.ts";
import { securityHeaders } from "./answer.ts";
import type { Problem } from "./contract.ts";

/** RFC 9110 section 15, for every status of the error table. */
const titles: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  406: "Not Acceptable",
  408: "Request Timeout",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  422: "Unprocessable Content",
  429: "Too Many Requests",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};

/** Says an error as a problem. @see RFC 9457 */
export function toProblem({ code, message, hint }: AppError): Problem {
  const { status } = describeErrorCode(code);
  return {
    type: "about:blank",
    title: titles[status] ?? "Internal Server Error",
    status,
    detail: message,
    code,
    ...(hint === undefined ? {} : { hint }),
  };
}

function answer(problem: Problem, headers: Headers): Response {
  for (const [name, value] of Object.entries(securityHeaders)) headers.set(name, value);
  headers.set("content-type", "application/problem+json");
  return new Response(JSON.stringify(problem), { status: problem.status, headers });
}

/** The answer to a request that failed. */
export function answerProblem(error: AppError): Response {
  const headers = new Headers();
  if (error.retryAfterSeconds !== undefined) headers.set("retry-after", String(error.retryAfterSeconds));
  return answer(toProblem(error), headers);
}

/** What --terse-errors leaves: no reason and no sentence that tells it. */
function toTerse(error: AppError): Problem {
  const { type, title, status } = toProblem(error);
  const code = nameRefusal(error) ?? error.code;
  return { type, title, status, detail: "The request was refused.", code };
}

/**
 * The answer to a request whose token was missing or refused, with the challenge of `/mcp`.
 *
 * @see RFC 6750 section 3
 */
export function answerRefusal(error: AppError, options: ChallengeOptions): Response {
  const problem = options.isTerse ? toTerse(error) : toProblem(error);
  return answer(problem, toRefusalHeaders(error, options));
}
