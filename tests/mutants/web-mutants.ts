import type { MutantGroup } from "./mutant.ts";

/** The REST API: what it tells to whom, and what it shares with `/mcp`. */
export const webMutants: readonly MutantGroup[] = [
  {
    file: "lib/transport/server/cors.ts",
    tests: ["transport-server/cors.test.ts"],
    mutations: [
      ["any origin", "origin !== null && permitted.has(origin) ? origin : undefined", "origin ?? undefined"],
      ["preflights of any origin", "!isPreflight || permittedOrigin(request) === undefined", "!isPreflight"],
      ["OPTIONS for preflights", ' && request.headers.has("access-control-request-method")', ""],
      ["answers that caches mix up", 'response.headers.append("vary", "Origin");', ""],
      [
        "challenges that pages cannot read",
        'response.headers.set("access-control-expose-headers", responseHeaders);',
        "",
      ],
    ],
  },
  {
    file: "lib/transport/server/answer-route.ts",
    tests: ["web"],
    mutations: [
      ["calls that begin while the server stops", "if (stopping.signal.aborted) {", "if (false) {"],
      ["any number of calls", "takeCall(calls, caller)", "() => {}"],
      ["calls that a stop does not wait for", "inFlight.begin()", "() => {}"],
      ["places that are never given back", "      giveBack();\n", ""],
      ["calls that a stop waits for in vain", "      endCall();\n", ""],
    ],
  },
  {
    file: "lib/web/rest-routes.ts",
    tests: ["web"],
    mutations: [
      [
        "everything open",
        'path === "/api/config" ? answerGet(request, () => config)',
        "isApi(path) ? answerGet(request, () => list)",
      ],
      ["strangers learn what there is", "(isApi(path) ? refuseUnknown : undefined)", "undefined"],
      ["refusals in JSON-RPC", "routes.has(path) || isApi(path) ? refusals : undefined", "undefined"],
    ],
  },
  {
    file: "lib/web/problem.ts",
    tests: ["web"],
    mutations: [
      [
        "reasons in spite of --terse-errors",
        "options.isTerse ? toTerse(error) : toProblem(error)",
        "toProblem(error)",
      ],
      ["no challenge", "answer(problem, toRefusalHeaders(error, options))", "answer(problem, new Headers())"],
      ["no Retry-After", "if (error.retryAfterSeconds !== undefined) headers", "if (false) headers"],
      ["problems that may be kept", "headers.set(name, value);", "void [name, value];"],
    ],
  },
  {
    file: "lib/web/answer.ts",
    tests: ["web"],
    mutations: [
      ["answers that may be kept", '  "cache-control": "no-store",\n', ""],
      ["answers that may be taken for scripts", '  "x-content-type-options": "nosniff",\n', ""],
      ["answers in the process of another page", '  "cross-origin-resource-policy": "same-origin",\n', ""],
      ["answers that may be pages", "default-src 'none'; ", ""],
      ["answers in frames", "; frame-ancestors 'none'", ""],
    ],
  },
  {
    file: "lib/web/call-tool.ts",
    tests: ["web"],
    mutations: [
      [
        "causes of failures in streams",
        'toProblem(new AppError("unexpected", "The server failed."))',
        "toProblem(new AppError('unexpected', error.detail ?? ''))",
      ],
      ["failures that nobody logs", "  log.error(`A call failed: ${error.detail}`);\n", ""],
      [
        "calls that go on without a reader",
        "AbortSignal.any([call.request.signal, stream.closed])",
        "call.request.signal",
      ],
      [
        "calls that nobody can cancel",
        "this.#signal ??= this.#request.signal;",
        "this.#signal ??= new AbortController().signal;",
      ],
      ["calls whose end is not looked at", "this.#signal?.aborted === true", "false"],
      ["arguments of any kind", "if (isJsonObject(args)) return toolset", "return toolset"],
      ["errors taken for results", "if (isError) throw", "if (false) throw"],
    ],
  },
  {
    file: "lib/web/reverse.ts",
    tests: ["web"],
    mutations: [
      ["empty texts", " && input.length > 0", ""],
      ["texts of any length", " && isOfServedLength(input)", ""],
    ],
  },
];
