import { AppError, toAppError } from "../../base/errors.ts";
import type { Log } from "../../base/log.ts";
import { idleTimeoutSeconds } from "./admitted-request.ts";
import type { RouteAnswers } from "./answer-route.ts";
import { type ClientAddressReader, createClientAddressReader } from "./client-address.ts";
import type { Cors } from "./cors.ts";
import type { Admission, Gate } from "./gate.ts";
import type { McpEndpoint } from "./mcp-endpoint.ts";
import { defaultBodyLimits } from "./read-body.ts";
import { type RefusalWriter, rpcRefusals } from "./refusal-writer.ts";
import type { Routes } from "./routes.ts";

export interface ListenOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly gate: Gate;
  readonly mcp: McpEndpoint;
  /** Answers without a token, by path: the well-known documents. */
  readonly openRoutes: (request: Request, path: string) => Response | undefined;
  /** What is served beside `/mcp`, and how. Default: nothing. */
  readonly web?: { readonly routes: Routes; readonly answer: RouteAnswers } | undefined;
  /** Default: pages of other origins read nothing. */
  readonly cors?: Cors | undefined;
  /** Whether requests can be served; `/readyz` says so. */
  readonly isReady: () => boolean;
  readonly log: Log;
  /** Whose requests they are. Default: the connections' addresses. */
  readonly addressOf?: ClientAddressReader;
  /** Serves https, with TLS 1.2 or later. Default http. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  /** Larger bodies are refused before anything looks at them, with a bare 413. Default 4 MiB. */
  readonly maxBodyBytes?: number;
}

/** A server that listens. */
export interface Listening {
  readonly port: number;
  /** Stops: lets running calls finish until the signal fires, then closes everything. */
  stop(signal: AbortSignal): Promise<void>;
}

const mcpPath = "/mcp";

function toListenError(error: unknown, host: string, port: number): AppError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "EADDRINUSE") {
    return new AppError("port_in_use", `Port ${port} on ${host} is in use.`, {
      hint: "Choose another with --port, or stop the program that listens there.",
      cause: error,
    });
  }
  if (code === "EACCES") {
    return new AppError("invalid_config", `Port ${port} may not be used by this account.`, {
      hint: "Choose a port above 1023 with --port.",
      cause: error,
    });
  }
  if (code.startsWith("ERR_OSSL_")) {
    return new AppError("invalid_config", "The certificate of --tls-cert cannot be used.", {
      hint: "Check each certificate in the file: its own, and the intermediate ones behind it.",
      cause: error,
      detail: code,
    });
  }
  return new AppError("invalid_config", `It is not possible to listen on ${host}, port ${port}.`, {
    hint: "Check --host: it must be an address of this machine.",
    cause: error,
    detail: code,
  });
}

/**
 * Without a `Host`, as in HTTP/1.0 probes, Bun's URL is a bare path; with a malformed one it is no URL at all.
 * The gate refuses both, health apart.
 */
function toPath(url: string): string {
  const pathname = URL.parse(url, "http://localhost")?.pathname ?? "";
  return pathname.length > 1 && pathname.endsWith("/") ? pathname.slice(0, -1) : pathname;
}

/** Reads the path of a request; nearly all have the last one's. */
function createPathReader(): (request: Request) => string {
  let lastUrl = "";
  let lastPath = toPath(lastUrl);
  return ({ url }) => {
    if (url !== lastUrl) lastPath = toPath(url);
    lastUrl = url;
    return lastPath;
  };
}

function toFailure(thrown: unknown, log: Log, writer: RefusalWriter): Response {
  const error = toAppError(thrown);
  if (error.code === "unexpected") {
    log.error(`A request failed: ${error.detail}`);
    return writer.toAnswer(new AppError("unexpected", "The server failed."));
  }
  // Also a client that hangs up while it sends its body: no failure of ours, it must not fill the log.
  log.debug(`A request was refused: ${error.code}`);
  return writer.toAnswer(error);
}

/** A request that is not about health. */
interface Arrival {
  readonly request: Request;
  readonly path: string;
  readonly server: Bun.Server<undefined>;
  readonly writer: RefusalWriter;
}

/** A promise only where something has to be waited for: each costs as much as a look at a token. */
type Answer = Response | Promise<Response>;

type Handler = (request: Request, server: Bun.Server<undefined>) => Answer;

function bind({ host, port, tls, maxBodyBytes, log }: ListenOptions, answer: Handler): Bun.Server<undefined> {
  try {
    return Bun.serve({
      hostname: host,
      port,
      ...(tls && { tls }),
      development: false,
      // Bun turns it on with `development: false`, and a second server would share the port in silence.
      reusePort: false,
      idleTimeout: idleTimeoutSeconds,
      maxRequestBodySize: maxBodyBytes ?? defaultBodyLimits.maxBytes,
      fetch: answer,
      error: (thrown) => toFailure(thrown, log, rpcRefusals),
    });
  } catch (error) {
    throw toListenError(error, host, port);
  }
}

/** A client that never sends its request's end, or never reads its answer, must not keep the server up. */
async function closeConnections(server: Bun.Server<undefined>, signal: AbortSignal): Promise<void> {
  const force = () => void server.stop(true);
  signal.addEventListener("abort", force, { once: true });
  await server.stop(signal.aborted);
  signal.removeEventListener("abort", force);
}

/** Asks in this order: host, origin, rate of the address, preflight, open routes, bearer, rate of the caller. */
function createDoor({ gate, mcp, web, cors, openRoutes, addressOf }: ListenOptions) {
  const readAddress = addressOf ?? createClientAddressReader([]);

  function answerEarly(request: Request, path: string): Response | undefined {
    const early = cors?.answerPreflight(request) ?? openRoutes(request, path);
    return early || path === mcpPath ? early : web?.routes.open(request, path);
  }

  function enter({ request, path, server }: Arrival, admission: Admission): Answer {
    if (!admission.isAdmitted) return admission.response;
    const { principal, caller } = admission;
    const limitIdle = (seconds: number) => server.timeout(request, seconds);
    const admitted = { request, principal, caller, limitIdle };
    const route = path === mcpPath ? undefined : web?.routes.protected(path);
    return web && route ? web.answer(admitted, route) : mcp.handle(admitted);
  }

  return (arrival: Arrival): Answer => {
    const { request, path, server, writer } = arrival;
    const address = readAddress(request.headers, server.requestIP(request)?.address);
    const early = gate.checkDoor(request, address, writer) ?? answerEarly(request, path);
    if (early) return early;
    if (path !== mcpPath && !web?.routes.protected(path)) {
      return writer.toAnswer(new AppError("not_found", `MCP is served at ${mcpPath}.`));
    }
    const admission = gate.authenticate(request, address, writer);
    if (admission instanceof Promise) return admission.then((later) => enter(arrival, later));
    return enter(arrival, admission);
  };
}

/**
 * Listens for HTTP requests: health is answered to everybody, everything else goes through the gate to the endpoint
 * or to a route.
 *
 * @throws `port_in_use`, `invalid_config`
 */
export function listen(options: ListenOptions): Listening {
  const { mcp, web, cors, log } = options;
  const answer = createDoor(options);
  const pathOf = createPathReader();
  let isStopping = false;

  function answerHealth(path: string): Response | undefined {
    if (path === "/healthz") return Response.json({ status: "ok" });
    if (path !== "/readyz") return undefined;
    const isReady = !isStopping && options.isReady();
    return Response.json({ status: isReady ? "ready" : "not_ready" }, { status: isReady ? 200 : 503 });
  }

  /** Whatever goes wrong is written in the path's own way, and pages of other origins may read it, too. */
  function answerReadably(arrival: Arrival): Answer {
    const { request, writer } = arrival;
    const permit = (response: Response) => (cors ? cors.permit(request, response) : response);
    const fail = (thrown: unknown) => permit(toFailure(thrown, log, writer));
    try {
      const answered = answer(arrival);
      return answered instanceof Promise ? answered.then(permit, fail) : permit(answered);
    } catch (thrown) {
      return fail(thrown);
    }
  }

  const listening = bind(options, (request, server) => {
    const path = pathOf(request);
    const writer = (path === mcpPath ? undefined : web?.routes.refusals(path)) ?? rpcRefusals;
    return answerHealth(path) ?? answerReadably({ request, path, server, writer });
  });
  return {
    port: listening.port ?? options.port,
    async stop(signal) {
      isStopping = true;
      await mcp.drain(signal);
      await closeConnections(listening, signal);
      await mcp.close();
    },
  };
}
