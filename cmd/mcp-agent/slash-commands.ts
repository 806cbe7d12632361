import { AppError } from "../../lib/base/errors.ts";
import { neutraliseLine, quote } from "../../lib/base/text.ts";
import { styleOf } from "../../lib/config/style-of.ts";
import { renderTool, renderToolList } from "../../lib/terminal/render-tools.ts";
import { createModelCommand } from "./model-command.ts";
import { createResumeCommand } from "./resume-command.ts";
import { createSaveCommand } from "./save-command.ts";
import { renderSlashHelp, type SlashCommand } from "./slash-command.ts";
import type { Talk } from "./talk.ts";

/** What is typed beside commands, as it stands in the help. */
function listTyping({ offers, person }: Talk): readonly (readonly [what: string, summary: string])[] {
  const drawn = [
    ["Tab", "completes commands, tools, prompts and resources"],
    ["Ctrl-R", "searches the prompts of before"],
    ["Alt-Enter", "begins another line"],
  ] as const;
  const typed = [
    ["\\", "at the end of a line: another one follows"],
    ["Ctrl-C", "stops a running turn"],
  ] as const;
  return [
    [`/${offers.name}:PROMPT`, "a prompt of the server; its arguments are asked for"],
    ["@URI", "in a prompt: attaches the resource"],
    ...(person?.terminal.screen ? drawn : []),
    ...(person ? typed : []),
  ];
}

function createHelp(talk: Talk, list: () => readonly SlashCommand[]): SlashCommand {
  return {
    name: "help",
    summary: "this help",
    run: async () =>
      talk.say(`Type what you want and press Enter.\n${renderSlashHelp(list(), listTyping(talk))}`),
  };
}

function createTools({ context, session, offers }: Talk): SlashCommand {
  const { io } = context;
  return {
    name: "tools",
    argument: "[NAME]",
    summary: "the tools of the server, or one in detail",
    async complete(begun, options) {
      const tools = await offers.tools(options);
      return tools
        .filter(({ name }) => name.startsWith(begun))
        .map(({ name, title }) => ({ text: name, help: title }));
    },
    async run(argument, { signal }) {
      const { columns, hasColor: color } = styleOf(io, io.stdout);
      const tools = await session.connection.listTools({ signal });
      if (argument === "") return void io.stdout.write(renderToolList(tools, { columns, color }));
      const tool = tools.find(({ name }) => neutraliseLine(name) === argument);
      if (!tool) throw new AppError("unknown_tool", `The server has no tool ${quote(argument)}.`);
      io.stdout.write(renderTool(tool, { columns, color }));
    },
  };
}

function createUsage({ conversation, say }: Talk): SlashCommand {
  return {
    name: "usage",
    summary: "the tokens of all turns",
    async run() {
      const { inputTokens, outputTokens, cachedInputTokens, reasoningTokens } = conversation.usage();
      const shown = (count: number) => count.toLocaleString("en-US");
      const cached = cachedInputTokens === undefined ? "" : ` (${shown(cachedInputTokens)} from the cache)`;
      const thought = reasoningTokens === undefined ? "" : ` (${shown(reasoningTokens)} for thinking)`;
      say(`Tokens in ${shown(inputTokens)}${cached}, out ${shown(outputTokens)}${thought}.`);
    },
  };
}

function createClear({ conversation, recorder, say }: Talk): SlashCommand {
  return {
    name: "clear",
    summary: "forget everything said so far",
    async run() {
      conversation.setHistory([]);
      recorder.clear();
      say("Forgotten.");
    },
  };
}

function createSignIn({ session, say }: Talk): SlashCommand[] {
  return [
    {
      name: "login",
      summary: "sign in anew",
      async run(_, { signal }) {
        const name = await session.signIn({ signal });
        say(name === undefined ? "Signed in." : `Signed in as ${neutraliseLine(name)}.`);
      },
    },
    {
      name: "logout",
      summary: "forget the tokens",
      run: async (_, { signal }) =>
        say(
          (await session.signOut({ signal }))
            ? "Signed out; the tokens are forgotten."
            : "Nobody was signed in.",
        ),
    },
  ];
}

/** The commands of the REPL, in the order of its help. */
export function createSlashCommands(talk: Talk): readonly SlashCommand[] {
  const commands: SlashCommand[] = [
    createHelp(talk, () => commands),
    createTools(talk),
    createModelCommand(talk),
    createUsage(talk),
    createSaveCommand(talk),
    createResumeCommand(talk),
    createClear(talk),
    ...createSignIn(talk),
    { name: "exit", summary: "leave; Ctrl-D does the same", run: async () => "leave" },
  ];
  return commands;
}
