import type { Call, Message, Outcome } from "./message.ts";
import { encodeHeaderValue, MirroredParameters } from "./mirrored-parameters.ts";
import type { RemoteHttp } from "./remote-http.ts";
import { claimedRevision, modernRevision } from "./revisions.ts";
import type { Limits } from "../operation.ts";

/** In which parameter stands what `Mcp-Name` repeats. */
const nameParameters: Readonly<Record<string, string>> = {
  "tools/call": "name",
  "prompts/get": "name",
  "resources/read": "uri",
};
const headerMismatch = -32_020;
/** So many pages are read to learn which arguments stand in headers. */
const maxPages = 16;

/** One request to a server of the 2026-07-28 revision; the call carries its envelope. */
export interface ModernRequest {
  readonly signal: AbortSignal;
  readonly limits?: Limits | undefined;
  onMessage(message: Message): void | Promise<void>;
}

/** A server of the 2026-07-28 revision, which knows no sessions. */
export class ModernServer {
  readonly #http: RemoteHttp;
  readonly #mirrored = new MirroredParameters();
  #lastId = 0;

  constructor(http: RemoteHttp) {
    this.#http = http;
  }

  /** The id of the latest request. */
  get lastId(): number {
    return this.#lastId;
  }

  /** Sends a request; giving up closes its stream, which is how a request is cancelled here. */
  async request(call: Call, request: ModernRequest): Promise<Outcome> {
    const outcome = await this.#send(call, request);
    if ("result" in outcome && call.method === "tools/list") this.#mirrored.learn(outcome.result);
    const isMismatch = "error" in outcome && outcome.error.code === headerMismatch;
    if (!isMismatch || call.method !== "tools/call") return outcome;
    // The request was not run; the schema with its headers may not have been seen yet, or it has changed.
    await this.#learnTools(call, request);
    return this.#send(call, request);
  }

  async #learnTools({ params }: Call, request: ModernRequest): Promise<void> {
    let cursor: unknown;
    for (let page = 0; page < maxPages; page++) {
      const list = { _meta: params?.["_meta"], ...(cursor !== undefined && { cursor }) };
      const outcome = await this.#send({ method: "tools/list", params: list }, request);
      if ("error" in outcome) return;
      this.#mirrored.learn(outcome.result);
      cursor = outcome.result["nextCursor"];
      if (typeof cursor !== "string") return;
    }
  }

  async #send(call: Call, { signal, limits, onMessage }: ModernRequest): Promise<Outcome> {
    const { method, params } = call;
    const named = nameParameters[method];
    const name = named === undefined ? undefined : params?.[named];
    const headers = {
      "mcp-protocol-version": claimedRevision(call) ?? modernRevision,
      "mcp-method": method,
      ...(typeof name === "string" && { "mcp-name": encodeHeaderValue(name) }),
      ...(method === "tools/call" && this.#mirrored.headersFor(params)),
    };
    const request = { id: ++this.#lastId, call, headers, signal, limits, onMessage };
    return (await this.#http.request(request)).outcome;
  }
}
