import { expect } from "bun:test";
import { z } from "zod";
import { silentLog } from "../../lib/base/log.ts";
import type { Principal } from "../../lib/base/principal.ts";
import { builtInTools } from "../../lib/tools/built-in.ts";
import { defineTool, type Tool } from "../../lib/tools/tool.ts";
import type { PageConfig, Problem } from "../../lib/web/contract.ts";
import { createRestRoutes } from "../../lib/web/rest-routes.ts";
import { createPrincipal, type ServerChanges, startServer } from "../transport-server/start-server.ts";

/** Tools that answer at once. */
export const quick = builtInTools({ reverseSeconds: 0 });
/** Who may come in. */
export const callers = [createPrincipal("alice"), createPrincipal("bob")];

/** What a page is told, where a test does not care. */
export const pageConfig: PageConfig = {
  authentication: "entra",
  authority: "https://login.example/tenant",
  scopes: ["api://api/execute"],
  isDevTenant: false,
  product: { name: "mcp-server", version: "1.2.3" },
};

/** Headers of a good call. */
export const json = { "content-type": "application/json", authorization: "Bearer alice" };
export const stream = { ...json, accept: "text/event-stream" };

export interface RestChanges extends ServerChanges {
  readonly tools?: readonly Tool[];
  /** Null: without authentication. Default: alice and bob. */
  readonly principals?: readonly Principal[] | null;
  readonly config?: Partial<PageConfig>;
}

/** A server with the REST API, on a free port of loopback. */
export function startRest({
  tools = quick,
  principals = callers,
  config = {},
  ...changes
}: RestChanges = {}) {
  const log = changes.log ?? silentLog;
  return startServer(tools, principals ?? undefined, {
    routes: (toolset) => createRestRoutes({ toolset, config: { ...pageConfig, ...config }, log }),
    ...changes,
  });
}

/** Expects a problem with that status and code, and gives it. */
export async function expectProblem(response: Response, status: number, code: string): Promise<Problem> {
  const problem = (await response.json()) as Problem;
  expect(problem).toMatchObject({ type: "about:blank", status, code });
  expect(problem.title).toMatch(/^[A-Z]/);
  expect(response.status).toBe(status);
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expectSafe(response);
  return problem;
}

/** Expects what every answer of the API has, so that no browser keeps it or takes it for a page. */
export function expectSafe({ headers }: Response): void {
  expect(headers.get("cache-control")).toBe("no-store");
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(headers.get("cross-origin-resource-policy")).toBe("same-origin");
  expect(headers.get("content-security-policy")).toBe("default-src 'none'; frame-ancestors 'none'");
}

/** A server-sent event, read. */
export interface ReadEvent {
  readonly event: string;
  readonly data: unknown;
}

/** The events of a whole stream. */
export function parseEvents(text: string): ReadEvent[] {
  return text.split("\n\n").flatMap((block) => {
    const [, event = "", data = ""] = /^event: (.*)\ndata: (.*)$/.exec(block) ?? [];
    return event === "" ? [] : [{ event, data: JSON.parse(data) as unknown }];
  });
}

/** A tool that reports 1 and then waits until it is told to end, and how its calls ended. */
export function createWaitingTool() {
  const waiting: (() => void)[] = [];
  const outcomes: ("done" | "cancelled")[] = [];
  const tool = defineTool({
    name: "wait",
    title: "Wait",
    description: "Waits.",
    input: z.strictObject({}),
    output: z.strictObject({ waited: z.boolean() }),
    async run(_, { signal, reportProgress }) {
      reportProgress({ progress: 1 });
      await new Promise<void>((resolve, reject) => {
        waiting.push(resolve);
        signal.addEventListener("abort", () => {
          outcomes.push("cancelled");
          reject(signal.reason);
        });
      });
      outcomes.push("done");
      return { waited: true };
    },
  });
  const endAll = () => {
    for (const end of waiting.splice(0)) end();
  };
  return { tool, waiting, outcomes, endAll };
}

/** Resolves when the condition holds. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise<void>((resolve) => setImmediate(resolve));
}
