import { neutraliseLine } from "../../lib/base/text.ts";
import { type Candidate, completeWords, type Wanted } from "../../lib/config/complete-words.ts";
import { readEnvFile } from "../../lib/config/env-file.ts";
import { clientProgram, type ClientOptions } from "../../lib/config/mcp-client.ts";
import { listServerNames } from "../../lib/config/mcp-json.ts";
import { parseArgv } from "../../lib/config/parse-argv.ts";
import { resolveSettings } from "../../lib/config/resolve.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { chooseServer } from "./choose-server.ts";
import { findLiveNames, type NamedArguments } from "./live-names.ts";

type ClientContext = Context<ClientOptions>;
type LiveWanted = Extract<Wanted, { kind: "live" }>;

/**
 * What can stand on a command line without quotes in every shell. A server's names are other people's text: one like
 * `x;rm -rf ~` must not get there by a Tab.
 */
const plainWord = /^[\w.:/@%+,=-]+$/;
/** What this program reads as something else: a flag, or a file whose content is sent. */
const misread = /^-|:?=@/;

/** Names that may stand on a command line as they are. */
function isHarmless({ word }: Candidate): boolean {
  return !misread.test(word);
}

/** The settings as the words before have them. */
function readTyped(context: ClientContext, before: readonly string[]): ClientContext {
  const { io } = context;
  const { flags, command = clientProgram.defaultCommand, positionals } = parseArgv(clientProgram, before);
  const envFile = readEnvFile(flags["envFile"], io.folder);
  const resolved = resolveSettings(clientProgram.options, { flags, environment: io.environment, envFile });
  return { ...resolved, io, command, positionals, serverCommand: undefined };
}

function completeArguments(
  targets: readonly NamedArguments[],
  { before }: LiveWanted,
  current: string,
): Candidate[] {
  const [name, ...words] = before;
  const args = targets.find((target) => target.name === name)?.args ?? [];
  const [key = ""] = current.split("=", 1);
  const chosen = current.includes("=") ? args.find((arg) => arg.name === key) : undefined;
  if (chosen) return chosen.choices.map((choice) => ({ word: `${key}=${choice}` }));
  const given = words.map((word) => word.split(/:?=/, 1)[0]);
  const left = args.filter((arg) => !given.includes(arg.name));
  return left.map((arg) => ({ word: `${arg.name}=`, help: arg.help }));
}

async function completeLive(
  context: ClientContext,
  wanted: LiveWanted,
  current: string,
): Promise<Candidate[]> {
  const names = await findLiveNames(await chooseServer(context));
  if (!names) return [];
  switch (wanted.names) {
    case "tool-arguments":
      return completeArguments(names.tools, wanted, current);
    case "prompt-arguments":
      return completeArguments(names.prompts, wanted, current);
    default:
      return names[wanted.names].map(({ name, help }) => ({ word: name, help }));
  }
}

async function findCandidates(
  context: ClientContext,
  before: readonly string[],
  current: string,
): Promise<readonly Candidate[]> {
  const wanted = completeWords(clientProgram, { before, current });
  switch (wanted.kind) {
    case "words":
      return wanted.candidates;
    case "file":
      return [];
    case "servers": {
      const { environment, folder } = context.io;
      // The flag in question has no value yet.
      const { mcpConfig: named } = readTyped(context, before.slice(0, -1)).values;
      return listServerNames({ named, environment, folder })
        .map((word) => ({ word }))
        .filter(isHarmless);
    }
    case "live":
      return (await completeLive(readTyped(context, before), wanted, current)).filter(isHarmless);
  }
}

/** `mcp-client __complete -- WORD ... :CURRENT`: prints what can stand there; what goes wrong is silence. */
export async function run(context: ClientContext): Promise<void> {
  const { positionals, io } = context;
  const before = positionals.slice(0, -1);
  const current = (positionals.at(-1) ?? ":").slice(1);
  if (completeWords(clientProgram, { before, current }).kind === "file") return io.print(":file\n");
  const found = await findCandidates(context, before, current).catch(() => []);
  const fitting = found.filter(({ word }) => plainWord.test(word) && word.startsWith(current));
  const lines = fitting.map(({ word, help }) => (help ? `${word}\t${neutraliseLine(help)}` : word));
  io.print(lines.map((line) => `${line}\n`).join(""));
}
