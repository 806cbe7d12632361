import { unlessAborted } from "../../lib/base/abort.ts";
import { AppError } from "../../lib/base/errors.ts";
import type { ClientOptions } from "../../lib/config/mcp-client.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { watchInterrupt } from "../../lib/terminal/watch-interrupt.ts";
import { getToken } from "./get-token.ts";
import { openCredentials } from "./open-credentials.ts";

/** Hosts give a program for headers 10 s. */
const limitMs = 9000;

async function readHeaders(context: Context<ClientOptions>, signal: AbortSignal) {
  const credentials = await openCredentials(context, { mayPrompt: false, signal });
  const { tokens, headers } = credentials;
  const configured = headers?.authorization;
  const authorization = tokens
    ? `Bearer ${(await getToken(context, credentials, signal)).value}`
    : configured;
  return { ...(authorization !== undefined && { Authorization: authorization }), ...headers?.others };
}

/** `mcp-client headers` */
export async function run(context: Context<ClientOptions>): Promise<void> {
  const limit = new AbortController();
  const said = `The headers took longer than ${limitMs / 1000} s.`;
  const timer = setTimeout(() => limit.abort(new AppError("timeout", said)), limitMs);
  const signal = AbortSignal.any([watchInterrupt(), limit.signal]);
  try {
    const headers = await unlessAborted(readHeaders(context, signal), signal);
    context.io.print(`${JSON.stringify(headers)}\n`);
  } finally {
    clearTimeout(timer);
  }
}
