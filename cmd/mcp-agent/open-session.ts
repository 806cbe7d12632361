import { createTokens, openPlan } from "../../lib/auth/client/open-tokens.ts";
import { confirmOpenServer } from "../../lib/auth/client/confirm-origin.ts";
import type { EntraTokens } from "../../lib/auth/client/entra-tokens.ts";
import { nameOf } from "../../lib/auth/client/signed-in-account.ts";
import type { Abortable } from "../../lib/base/abort.ts";
import { neutraliseLine } from "../../lib/base/text.ts";
import type { Log } from "../../lib/base/log.ts";
import type { AgentOptions } from "../../lib/config/mcp-agent.ts";
import { maxTimeMsOf } from "../../lib/config/max-time.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { signOut, signOutAccount } from "../../lib/auth/client/sign-out.ts";
import { AppError } from "../../lib/base/errors.ts";
import { cutToWidth } from "../../lib/terminal/fit.ts";
import { askOn } from "../../lib/terminal/confirm.ts";
import {
  layOutLogLine,
  renderJsonLogLine,
  renderLogLine,
  type ShownLogLine,
} from "../../lib/terminal/render-log.ts";
import { createElicitation, createSay, type Person } from "./person.ts";
import { signInPromptsOf } from "./sign-in-prompts.ts";
import type { SignInPlan } from "../../lib/auth/client/destination.ts";
import { connect, type FullConnection, type ServerLog } from "../../lib/transport/client/connect.ts";

const maxNameColumns = 30;

/** A connection to the server, and the sign-in behind it. */
export interface Session {
  readonly connection: FullConnection;
  /** How the sign-in is made; absent where the server needs none. */
  readonly plan: SignInPlan | undefined;
  /** Makes sure between turns that there is a token; asks a person where one sits there. */
  ensureSignedIn(options: Abortable): Promise<void>;
  /**
   * Signs a person in anew, and gives the name.
   *
   * @throws `usage` without authentication, and the codes of signing in
   */
  signIn(options: Abortable): Promise<string | undefined>;
  /**
   * Forgets the tokens; false when there were none.
   *
   * @throws `usage` without authentication, `cache_unusable`, `several_accounts`
   */
  signOut(options: Abortable): Promise<boolean>;
}

interface Tokens {
  readonly plan: SignInPlan;
  /** May ask a person: used between turns. */
  readonly asking: EntraTokens;
  /** Never asks: used in a turn, so that no question comes between the rows. */
  readonly silent: EntraTokens;
}

async function openTokens(
  context: Context<AgentOptions>,
  { person, signal, log }: OpenSessionOptions,
): Promise<Tokens> {
  const { io } = context;
  const sources = { settings: context, environment: io.environment, log };
  const prompts = signInPromptsOf(context, person);
  const plan = await openPlan({ ...sources, prompts }, { signal });
  return { plan, asking: createTokens(plan, { ...sources, prompts }), silent: createTokens(plan, sources) };
}

function createSignIn({ values }: Context<AgentOptions>, tokens: Tokens | undefined) {
  const refuse = () => {
    throw new AppError("usage", "Nobody signs in with --no-auth.");
  };
  return {
    async signIn(options: Abortable): Promise<string | undefined> {
      if (!tokens) return refuse();
      await tokens.asking.signIn(options);
      const account = await tokens.asking.readAccount();
      return account && nameOf(account);
    },
    async signOut(options: Abortable): Promise<boolean> {
      if (!tokens) return refuse();
      const { tokenCache, account } = values;
      return account === undefined
        ? signOut(tokenCache, options)
        : signOutAccount(tokenCache, account, options);
    },
  };
}

/** What a session is opened with. */
export interface OpenSessionOptions {
  /** Ends the attempt. */
  readonly signal: AbortSignal;
  /** Asked what the server wants to know; absent: nobody is, and the server is told so. */
  readonly person: Person | undefined;
  readonly log: Log;
}

/** What the server writes in its log is shown by `--log-level`, as a line of JSON with `--progress json`. */
function openServerLog(context: Context<AgentOptions>, person: Person | undefined): ServerLog {
  const { logLevel: level, progress } = context.values;
  const say = createSay(context, person);
  const forPeople = (line: ShownLogLine) =>
    person ? layOutLogLine(line, person.terminal.columns) : renderLogLine(line);
  const render = progress === "json" ? renderJsonLogLine : forPeople;
  return { level, take: (line) => say(render(line)) };
}

/** The name is the server's own choice; its host is not. */
function describeServer(name: string | undefined, url: string): string {
  const { host } = new URL(url);
  return name === undefined ? host : `${cutToWidth(neutraliseLine(name), maxNameColumns)} at ${host}`;
}

async function openConnection(
  context: Context<AgentOptions>,
  tokens: Tokens | undefined,
  { signal, person }: OpenSessionOptions,
): Promise<FullConnection> {
  const { url, timeout } = context.values;
  // Known only once it is open; a server may ask before.
  const opened: { connection?: FullConnection } = {};
  const elicitation =
    person && createElicitation(person, () => describeServer(opened.connection?.serverName, url));
  opened.connection = await connect({
    url,
    tokens: tokens?.silent,
    idleTimeoutMs: timeout * 1000,
    maxTimeMs: maxTimeMsOf(context),
    signal,
    clientName: "mcp-agent",
    elicitation,
    log: openServerLog(context, person),
  });
  return opened.connection;
}

/** Signs in and connects, by the same rules as `mcp-client`. */
export async function openSession(
  context: Context<AgentOptions>,
  options: OpenSessionOptions,
): Promise<Session> {
  const { io, origins } = context;
  const { signal } = options;
  const { url, noAuth } = context.values;
  if (noAuth) {
    const server = { url, urlOrigin: origins.url, environment: io.environment, ask: askOn(io) };
    await confirmOpenServer(server, { signal });
  }
  const tokens = noAuth ? undefined : await openTokens(context, options);
  const ensureSignedIn = async (turn: Abortable) => {
    await tokens?.asking.getToken(turn.signal ? { signal: turn.signal } : {});
  };
  await ensureSignedIn({ signal });
  const account = await tokens?.asking.readAccount();
  if (account) io.stderr.write(`Signed in as ${nameOf(account)}.\n`);
  const connection = await openConnection(context, tokens, options);
  return { connection, plan: tokens?.plan, ensureSignedIn, ...createSignIn(context, tokens) };
}
