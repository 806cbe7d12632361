import type { ListedTool, Me, PageConfig, ProgressData, ResultData, ToolList } from "../../contract.ts";
import { readEventStream } from "./event-stream.ts";
import { ProblemError, problemOf, readProblem } from "./problem.ts";

/** Gives the access token for a request; undefined where the server takes everybody. */
export type TokenReader = (options: { readonly isRefused: boolean }) => Promise<string | undefined>;

/** A call of a tool. */
export interface CallOptions {
  readonly args: Readonly<Record<string, unknown>>;
  /** Hanging up cancels the call at the server. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: ProgressData) => void;
}

/** The REST API as the page uses it. Every method throws {@link ProblemError}, or the signal's reason. */
export interface Api {
  readMe(): Promise<Me>;
  listTools(): Promise<readonly ListedTool[]>;
  call(name: string, options: CallOptions): Promise<ResultData>;
}

async function send(path: string, init: RequestInit = {}): Promise<Response> {
  try {
    return await fetch(path, { ...init, credentials: "omit", cache: "no-store", redirect: "error" });
  } catch (thrown) {
    init.signal?.throwIfAborted();
    throw problemOf("unreachable", "The server does not answer.", thrown);
  }
}

async function toProblemError(response: Response): Promise<ProblemError> {
  const body: unknown = await response.json().catch(() => undefined);
  return new ProblemError(readProblem(body, response.status));
}

async function readJson<T>(response: Response): Promise<T> {
  if (!response.ok) throw await toProblemError(response);
  try {
    // The server is the one that served this page, and the contract is shared with it.
    return (await response.json()) as T;
  } catch (thrown) {
    throw problemOf("connection_lost", "The server's answer broke off.", thrown);
  }
}

/** Reads how to sign in here; needs no token. */
export async function readConfig(): Promise<PageConfig> {
  return readJson(await send("/api/config"));
}

async function readResult(
  response: Response,
  { signal, onProgress }: Pick<CallOptions, "signal" | "onProgress">,
): Promise<ResultData> {
  const lost = () => problemOf("connection_lost", "The connection broke before the result came.");
  if (!response.body) throw lost();
  try {
    for await (const { name, data } of readEventStream(response.body)) {
      if (name === "progress") onProgress(JSON.parse(data) as ProgressData);
      if (name === "result") return toResult(data);
      if (name === "error") throw new ProblemError(readProblem(JSON.parse(data), response.status));
    }
  } catch (thrown) {
    signal.throwIfAborted();
    throw thrown instanceof ProblemError ? thrown : lost();
  }
  throw lost();
}

function toResult(data: string): ResultData {
  const result = JSON.parse(data) as ResultData | null;
  if (typeof result?.structuredContent === "object") return result;
  throw new Error("the server's result is none");
}

/**
 * Opens the API. A token that the server refuses is renewed once, and the request sent again: its key may have been
 * replaced, or this computer's clock may be slow.
 */
export function createApi(readToken: TokenReader): Api {
  async function sendWithToken(path: string, init: RequestInit & { headers?: Record<string, string> } = {}) {
    const sendWith = (token: string | undefined) => {
      const authorization = token === undefined ? undefined : { authorization: `Bearer ${token}` };
      return send(path, { ...init, headers: { ...init.headers, ...authorization } });
    };
    const token = await readToken({ isRefused: false });
    const response = await sendWith(token);
    if (response.status !== 401 || token === undefined) return response;
    return sendWith(await readToken({ isRefused: true }));
  }

  return {
    readMe: async () => readJson<Me>(await sendWithToken("/api/me")),
    listTools: async () => (await readJson<ToolList>(await sendWithToken("/api/tools"))).tools,
    async call(name, { args, signal, onProgress }) {
      const response = await sendWithToken(`/api/tools/${encodeURIComponent(name)}`, {
        method: "POST",
        headers: { accept: "text/event-stream", "content-type": "application/json" },
        body: JSON.stringify(args),
        signal,
      });
      if (!response.ok) throw await toProblemError(response);
      return readResult(response, { signal, onProgress });
    },
  };
}
