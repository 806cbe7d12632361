import type { ChallengeOptions } from "../auth/server/challenge.ts";
import { AppError } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import { didYouMean } from "../base/nearest.ts";
import { quote } from "../base/text.ts";
import type { Toolset } from "../tools/toolset.ts";
import { createNegotiation } from "./answer.ts";
import { answerCall, streamCall } from "./call-tool.ts";
import type { PageConfig, ToolList } from "./contract.ts";
import { describeCaller } from "./describe-caller.ts";
import { answerProblem, answerRefusal } from "./problem.ts";
import { answerReverse } from "./reverse.ts";
import { answerGet, refuseMethod, type Route } from "./route.ts";

export interface RestRoutesOptions {
  readonly toolset: Toolset;
  readonly config: PageConfig;
  readonly log: Log;
}

/** The REST API, as the transport takes it. */
export interface RestRoutes {
  /** `/api/config` alone is for everybody. */
  open(request: Request, path: string): Response | undefined;
  /** Everything else below `/api`, also what does not exist, and `/reverse`. */
  protected(path: string): Route | undefined;
  /** Problems for all of it. */
  refusals(path: string): RestRefusals | undefined;
}

/** How the gate writes its refusals here. */
export interface RestRefusals {
  toAnswer(error: AppError): Response;
  toRefusal(error: AppError, options: ChallengeOptions): Response;
}

const isApi = (path: string) => path === "/api" || path.startsWith("/api/");
const toolPrefix = "/api/tools/";
const refusals: RestRefusals = { toAnswer: answerProblem, toRefusal: answerRefusal };

const refuseUnknown: Route = () => {
  throw new AppError("not_found", "The REST API has nothing at this path.", {
    hint: "GET /api/openapi.json describes it.",
  });
};

/** Names of tools need no escapes, but some clients escape what is not a letter. */
function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** A route that calls one tool. */
function createToolRoute(name: string, { toolset, log }: RestRoutesOptions): Route {
  const chooseType = createNegotiation(["application/json", "text/event-stream"]);
  return ({ request, principal, runCall }) => {
    const refusal = refuseMethod(request, ["POST"]);
    if (refusal) return refusal;
    const answer = chooseType(request) === "text/event-stream" ? streamCall : answerCall;
    return runCall((args) => answer({ toolset, name, args, request, principal, log }));
  };
}

function createUnknownTool(name: string, names: Iterable<string>): Route {
  return () => {
    throw new AppError("unknown_tool", `There is no tool ${quote(name)}.${didYouMean(name, names)}`);
  };
}

/** Its code is loaded with the first request: few ask for it, and everybody would wait for it at the start. */
function createApiRoute(tools: ToolList["tools"], config: PageConfig): Route {
  let api: unknown;
  return async ({ request }) => {
    const { describeApi } = await import("./openapi.ts");
    return answerGet(request, () => (api ??= describeApi(tools, config)));
  };
}

/** Builds the REST API over a toolset. */
export function createRestRoutes(options: RestRoutesOptions): RestRoutes {
  const { toolset, config } = options;
  const { authentication } = config;
  const names = toolset.list().map(({ name }) => name);
  const list: ToolList = { tools: toolset.list() };
  const routes = new Map<string, Route>([
    ["/api/tools", ({ request }) => answerGet(request, () => list)],
    [
      "/api/me",
      ({ request, principal }) => answerGet(request, () => describeCaller(authentication, principal)),
    ],
    ["/api/openapi.json", createApiRoute(list.tools, config)],
    ["/reverse", answerReverse],
    ...names.map((name) => [toolPrefix + name, createToolRoute(name, options)] as const),
  ]);

  function findTool(path: string): Route | undefined {
    if (!path.startsWith(toolPrefix)) return undefined;
    const name = decodeSegment(path.slice(toolPrefix.length));
    return routes.get(toolPrefix + name) ?? createUnknownTool(name, names);
  }

  return {
    open(request, path) {
      return path === "/api/config" ? answerGet(request, () => config) : undefined;
    },
    protected(path) {
      return routes.get(path) ?? findTool(path) ?? (isApi(path) ? refuseUnknown : undefined);
    },
    refusals(path) {
      return routes.has(path) || isApi(path) ? refusals : undefined;
    },
  };
}
