import { type Cell, Screen } from "../terminal/screen.ts";
import { createPerson, openSetting } from "./block-setting.ts";

export const columns = 96;
const prompt = "reverse Hello and reverse World and give me a number between 1 and 40";

/** A shell on a pseudo terminal; `waitFor` gives the screen as it was when the text was there. */
function openShell(folder: string, env: Readonly<Record<string, string>>) {
  const screen = new Screen(columns, 40);
  const decoder = new TextDecoder();
  let next = Promise.withResolvers<void>();
  const child = Bun.spawn(["bash", "--norc", "--noprofile", "-i"], {
    cwd: folder,
    env: { ...env, TERM: "xterm-256color", PS1: "$ ", BASH_SILENCE_DEPRECATION_WARNING: "1" },
    terminal: {
      cols: columns,
      rows: 40,
      data(_, bytes) {
        screen.write(decoder.decode(bytes, { stream: true }));
        next.resolve();
        next = Promise.withResolvers<void>();
      },
    },
  });
  return {
    type: (text: string) => child.terminal?.write(`${text}\r`),
    async waitFor(isThere: (text: string) => boolean) {
      while (!isThere(screen.text.join("\n"))) await next.promise;
      return screen.cells.map((line) => [...line]);
    },
    [Symbol.dispose]: () => child.kill("SIGKILL"),
  };
}

/** Signs in and talks to the agent in a real shell; gives the screen in the middle of the calls. */
export async function captureTerminal(): Promise<readonly (readonly Cell[])[]> {
  // The slow calls of reverse_tool are what is to be seen.
  await using setting = await openSetting("mcp-server --dev --reverse-seconds 5");
  using shell = openShell(setting.folder, setting.env);
  const person = createPerson();
  await shell.waitFor((text) => text.startsWith("$"));
  shell.type("mcp-client login");
  await shell.waitFor((text) => {
    person(text);
    return /Signed in[^]*\n\$$/.test(text);
  });
  shell.type("mcp-agent --model scripted");
  await shell.waitFor((text) => text.endsWith("\n>"));
  shell.type(prompt);
  return await shell.waitFor((text) => (text.match(/40% 2\/5/g) ?? []).length === 2);
}
