import { AppError } from "../../lib/base/errors.ts";
import { quote } from "../../lib/base/text.ts";
import { clientProgram, type ClientOptions } from "../../lib/config/mcp-client.ts";
import type { Context, Loader } from "../../lib/config/run-program.ts";
import type { ChosenServer } from "../../lib/config/server-entry.ts";

type ClientContext = Context<ClientOptions>;

/** The commands that may ask a person (DESIGN 5). */
const asking: readonly string[] = ["run", "login"];

function checkOneServer({ values, origins, serverCommand }: ClientContext): void {
  const given = [
    ...(origins.url.kind === "flag" ? ["--url"] : []),
    ...(values.server === undefined ? [] : ["--server"]),
    ...(serverCommand === undefined ? [] : ["a command behind --"]),
  ];
  if (given.length > 1)
    throw new AppError("usage", `There is one server at a time, not ${given.join(" and ")}.`);
}

async function findByName(context: ClientContext, name: string): Promise<ClientContext> {
  const [{ findServer }, { doesMoreThanTalk, readServerEntry }] = await Promise.all([
    import("../../lib/config/mcp-json.ts"),
    import("../../lib/config/server-entry.ts"),
  ]);
  const { io, values, origins, command } = context;
  const { environment, folder } = io;
  const listed = findServer(name, { named: values.mcpConfig, folder, environment });
  const chosen = readServerEntry(listed, environment);
  if (listed.isFromFolder && doesMoreThanTalk(listed, chosen)) {
    const [{ confirmEntry }, { askOn }] = await Promise.all([
      import("../../lib/auth/client/confirm-entry.ts"),
      import("../../lib/terminal/confirm.ts"),
    ]);
    const ask = asking.includes(command) ? askOn(io) : undefined;
    await confirmEntry({ listed, chosen, environment, ask }, {});
  }
  if (chosen.kind === "command") return { ...context, chosen };
  const origin = {
    kind: listed.isFromFolder ? "folder" : "mcp-config",
    name: `${quote(name)} in ${listed.shownPath}`,
    ...(listed.isFromFolder && { file: listed.shownPath }),
  } as const;
  return {
    ...context,
    chosen,
    values: { ...values, url: chosen.url },
    origins: { ...origins, url: origin },
  };
}

function commandBehind([command = "", ...args]: readonly string[]): ChosenServer {
  return { kind: "command", command, args, environment: {} };
}

/**
 * Finds the server that `--server` names or that stands behind `--`.
 *
 * @throws `usage`, `invalid_config`, `untrusted_destination`
 */
export async function chooseServer(context: ClientContext): Promise<ClientContext> {
  const { values, serverCommand, command } = context;
  checkOneServer(context);
  const chosen =
    values.server === undefined
      ? { ...context, ...(serverCommand && { chosen: commandBehind(serverCommand) }) }
      : await findByName(context, values.server);
  if (chosen.chosen?.kind === "command" && clientProgram.commands[command]?.takesServerCommand !== true) {
    throw new AppError("usage", `"${command}" is for servers with an address; this one is a command.`);
  }
  return chosen;
}

/** Lets every command of the program work with the server that was chosen. */
export function withChosenServers(
  loaders: Readonly<Record<string, Loader<ClientOptions>>>,
): Readonly<Record<string, Loader<ClientOptions>>> {
  const wrapped = Object.entries(loaders).map(([name, load]) => {
    const loadChosen: Loader<ClientOptions> = async () => {
      const { run } = await load();
      return { run: async (context) => run(await chooseServer(context)) };
    };
    return [name, loadChosen] as const;
  });
  return Object.fromEntries(wrapped);
}

/** What a person calls the server: its address, or its command. */
export function nameServer({ chosen, values }: ClientContext): string {
  if (chosen?.kind !== "command") return values.url;
  return quote([chosen.command, ...chosen.args].join(" "), 200);
}
