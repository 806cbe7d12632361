import { resolve } from "node:path";
import { AppError } from "../../lib/base/errors.ts";
import { quoteShellWord } from "../../lib/base/shell-word.ts";
import { neutraliseLine, quote } from "../../lib/base/text.ts";
import type { ServerOptions } from "../../lib/config/mcp-server.ts";
import type { Context } from "../../lib/config/run-program.ts";
import type { StepOutcome } from "../../lib/setup/apply-plan.ts";
import { checkEnvFile, renderEnv, writeEnvFile } from "../../lib/setup/env-file.ts";
import { planToJson, renderDocument, renderPlan } from "../../lib/setup/render-plan.ts";
import { renderCommands } from "../../lib/setup/render-commands.ts";
import type { DirectoryState } from "../../lib/setup/read-state.ts";
import { createAz } from "../../lib/setup/run-az.ts";
import { type SetUp, setUp, type SetUpOptions, survey, type Survey } from "../../lib/setup/set-up.ts";
import { watchInterrupt } from "../../lib/terminal/watch-interrupt.ts";
import { readSetupRequest, type SetupRequest } from "./setup-target.ts";

type ServerContext = Context<ServerOptions>;

/** One run of the set-up. */
interface Work {
  readonly context: ServerContext;
  readonly request: SetupRequest;
  readonly surveyed: Survey;
  /** For people; silent where a script reads. */
  readonly say: (text: string) => void;
}

function checkWords({ positionals, values }: ServerContext): void {
  const [what] = positionals;
  if (what !== "entra") throw new AppError("usage", `"setup" knows the word entra, not ${quote(what)}.`);
  const { apply, print, json } = values;
  if (print && (apply || json)) {
    throw new AppError("usage", `--print and ${apply ? "--apply" : "--json"} exclude each other.`);
  }
}

function describe(name: string, found: DirectoryState["api"]): string {
  return `${name}${found ? `, client id ${found.appId}` : ", not there yet"}`;
}

function introduce({ request, surveyed, say }: Work): void {
  const { account, state } = surveyed;
  const { apiName, clientName } = request.target;
  say(`Tenant  ${account.tenantId}, as ${neutraliseLine(account.user)}\n`);
  say(`API     ${describe(apiName, state.api)}\n`);
  say(`Client  ${describe(clientName, state.client)}\n`);
  for (const remark of request.remarks) say(`Note    ${remark}\n`);
}

function documentOf({ request, surveyed }: Work, state: DirectoryState): object {
  const { apiName, clientName, cloud } = request.target;
  return {
    tenantId: surveyed.account.tenantId,
    api: { name: apiName, clientId: state.api?.appId ?? null },
    client: { name: clientName, clientId: state.client?.appId ?? null },
    steps: planToJson(surveyed.steps, cloud),
  };
}

/** Shows the plan alone. */
function show(work: Work): void {
  const { context, request, surveyed, say } = work;
  const { io, values } = context;
  const { steps, state } = surveyed;
  if (values.json) io.stdout.write(renderDocument({ ...documentOf(work, state), applied: false }));
  else if (values.print) io.stdout.write(renderCommands(steps, request.target.cloud));
  else io.stdout.write(renderPlan(steps));
  if (steps.length > 0 && !values.print)
    say("Nothing was changed. Add --apply to do it, or --print for the commands.\n");
}

function envPathOf({ values, io }: ServerContext): string | undefined {
  return values.writeEnv === "-" ? undefined : resolve(io.folder, values.writeEnv);
}

/** Whether the file says already what it should; then it need not be written. */
async function hasEnv({ context, request, surveyed }: Work, state: DirectoryState): Promise<boolean> {
  const path = envPathOf(context);
  if (path === undefined) return false;
  const text = renderEnv({ tenantId: surveyed.account.tenantId, state, target: request.target });
  const current = await Bun.file(path)
    .slice(0, 65_536)
    .text()
    .catch(() => undefined);
  return current === text;
}

async function writeSettings(work: Work, state: DirectoryState): Promise<string> {
  const { context, request, surveyed, say } = work;
  const text = renderEnv({ tenantId: surveyed.account.tenantId, state, target: request.target });
  const path = envPathOf(context);
  if (path === undefined) {
    if (!context.values.json) context.io.stdout.write(text);
    return text;
  }
  if (!(await hasEnv(work, state))) await writeEnvFile(path, text, context.values.force);
  const file = quoteShellWord(context.values.writeEnv);
  say(
    `The settings are in ${file}. Next: mcp-server --env-file ${file} doctor, then mcp-server --env-file ${file}\n`,
  );
  return text;
}

function sayOutcome({ step, error }: StepOutcome, say: Work["say"]): void {
  say(error ? `✗ ${step.sentence}\n  ${error.message}\n` : `✓ ${step.sentence}\n`);
}

function describeFailure(id: StepOutcome["step"]["id"], { code, message, hint }: AppError): object {
  return { id, code, message, hint };
}

/** Does what the plan says, and writes the settings; what was refused on the way is thrown last. */
async function carryOut(work: Work, options: SetUpOptions, signal: AbortSignal): Promise<void> {
  const { context, surveyed, say } = work;
  const path = envPathOf(context);
  const isThere = surveyed.steps.length === 0 && (await hasEnv(work, surveyed.state));
  if (path !== undefined && !isThere) await checkEnvFile(path, context.values.force);
  if (surveyed.steps.length === 0) say(renderPlan([]));
  const outcomes: StepOutcome[] = [];
  const onOutcome = (outcome: StepOutcome) => {
    outcomes.push(outcome);
    sayOutcome(outcome, say);
  };
  const { state, refused }: SetUp = await setUp(surveyed, options, { signal, onOutcome });
  const settings = await writeSettings(work, state);
  if (context.values.json) {
    const failed = outcomes.flatMap(({ step, error }) => (error ? [describeFailure(step.id, error)] : []));
    const document = { ...documentOf(work, state), applied: true, failed, settings };
    context.io.stdout.write(renderDocument(document));
  }
  const [first, ...others] = refused;
  for (const { message, hint } of others) say(`${message}\n  ${hint}\n`);
  if (first) throw first;
}

/** `mcp-server setup entra` */
export async function run(context: ServerContext): Promise<void> {
  checkWords(context);
  const { io, values } = context;
  const signal = watchInterrupt();
  const request = readSetupRequest(context);
  const options: SetUpOptions = { ...request, runAz: createAz(io.environment) };
  const surveyed = await survey(options, { signal });
  const say = (text: string) => void (values.json || io.stderr.write(text));
  const work: Work = { context, request, surveyed, say };
  introduce(work);
  if (values.apply) await carryOut(work, options, signal);
  else show(work);
}
