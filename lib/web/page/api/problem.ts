import type { Problem } from "../../contract.ts";

/** Codes that the page makes itself, beside those of the server. */
export type PageCode =
  | "unreachable"
  | "connection_lost"
  | "sign_in_required"
  | "sign_in_failed"
  | "popup_blocked"
  | "insecure_page"
  | "unexpected";

/** A request or a sign-in that failed, with what a person is told about it. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly problem: Problem;

  constructor(problem: Problem, options: ErrorOptions = {}) {
    super(problem.detail, options);
    this.problem = problem;
  }
}

/** Says a failure of the page's own in the form of the server's. */
export function problemOf(code: PageCode, detail: string, cause?: unknown): ProblemError {
  const type = `urn:mcp-entra:error:${code}`;
  return new ProblemError({ type, title: detail, status: 0, detail, code }, { cause });
}

/** What a person is told about anything thrown. */
export function toProblem(thrown: unknown): Problem {
  if (thrown instanceof ProblemError) return thrown.problem;
  return problemOf("unexpected", "Something unexpected went wrong in this page.", thrown).problem;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Reads a problem of the server, also one that a proxy wrote in its place or that is no problem at all. */
export function readProblem(body: unknown, status: number): Problem {
  const members = isRecord(body) ? body : {};
  const text = (name: string) => {
    const value = members[name];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const hint = text("hint");
  return {
    type: text("type") ?? "about:blank",
    title: text("title") ?? `HTTP ${status}`,
    status,
    detail: text("detail") ?? `The server answered with status ${status}.`,
    code: text("code") ?? `http_${status}`,
    ...(hint === undefined ? {} : { hint }),
  };
}
