import { createTokens, openPlan } from "../../lib/auth/client/open-tokens.ts";
import { confirmOpenServer } from "../../lib/auth/client/confirm-origin.ts";
import type { SignInPlan } from "../../lib/auth/client/destination.ts";
import type { EntraTokens } from "../../lib/auth/client/entra-tokens.ts";
import { nameOf } from "../../lib/auth/client/signed-in-account.ts";
import type { Abortable } from "../../lib/base/abort.ts";
import { createLog } from "../../lib/base/log.ts";
import type { AgentOptions } from "../../lib/config/mcp-agent.ts";
import { maxTimeMsOf } from "../../lib/config/max-time.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { askOn } from "../../lib/terminal/confirm.ts";
import { connect, type Connection } from "../../lib/transport/client/connect.ts";
import { signInPromptsOf } from "./sign-in-prompts.ts";

/** A connection to the server, and the sign-in behind it. */
export interface Session {
  readonly connection: Connection;
  /** How the sign-in is made; absent where the server needs none. */
  readonly plan: SignInPlan | undefined;
  /** Makes sure between turns that there is a token; asks a person where one sits there. */
  ensureSignedIn(options: Abortable): Promise<void>;
}

interface Tokens {
  readonly plan: SignInPlan;
  /** May ask a person: used between turns. */
  readonly asking: EntraTokens;
  /** Never asks: used in a turn, so that no question comes between the rows. */
  readonly silent: EntraTokens;
}

async function openTokens(context: Context<AgentOptions>, options: Abortable): Promise<Tokens> {
  const { io, values } = context;
  const sources = { settings: context, environment: io.environment, log: createLog(values.logLevel) };
  const prompts = signInPromptsOf(context);
  const plan = await openPlan({ ...sources, prompts }, options);
  return { plan, asking: createTokens(plan, { ...sources, prompts }), silent: createTokens(plan, sources) };
}

/** Signs in and connects, by the same rules as `mcp-client`. */
export async function openSession(context: Context<AgentOptions>, { signal }: Abortable): Promise<Session> {
  const { io, origins } = context;
  const { url, noAuth, timeout } = context.values;
  if (noAuth) {
    const server = { url, urlOrigin: origins.url, environment: io.environment, ask: askOn(io) };
    await confirmOpenServer(server, { signal });
  }
  const tokens = noAuth ? undefined : await openTokens(context, { signal });
  const ensureSignedIn = async (options: Abortable) => {
    await tokens?.asking.getToken(options.signal ? { signal: options.signal } : {});
  };
  await ensureSignedIn({ signal });
  const account = await tokens?.asking.readAccount();
  if (account) io.stderr.write(`Signed in as ${nameOf(account)}.\n`);
  const connection = await connect({
    url,
    tokens: tokens?.silent,
    idleTimeoutMs: timeout * 1000,
    maxTimeMs: maxTimeMsOf(context),
    signal,
    clientName: "mcp-agent",
  });
  return { connection, ensureSignedIn, plan: tokens?.plan };
}
