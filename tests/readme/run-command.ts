import { Screen } from "../terminal/screen.ts";

/** What is to be seen on a terminal, and how the command ended. */
export interface Shown {
  readonly exitCode: number;
  readonly lines: readonly string[];
}

export interface CommandOptions {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** Told what the screen shows, after each change; may end the command by the function that it is given. */
  readonly onChange?: (lines: readonly string[], stop: () => void) => void;
}

/** Runs a command line in bash on a pseudo terminal of 110 columns, for 20 seconds at most. */
export async function runCommand(command: string, { folder, env, onChange }: CommandOptions): Promise<Shown> {
  // Wider than the terminal: a line that the terminal would only fold stays one line.
  const screen = new Screen(2_000, 200);
  const decoder = new TextDecoder();
  const child = Bun.spawn(["bash", "-c", `stty -echo; ${command}`], {
    cwd: folder,
    env: { ...env, TERM: "xterm-256color" },
    timeout: 20_000,
    terminal: {
      cols: 110,
      rows: 200,
      data(terminal, bytes) {
        screen.write(decoder.decode(bytes, { stream: true }));
        onChange?.(screen.text, () => terminal.write("\u0003"));
      },
    },
  });
  const exitCode = await child.exited;
  // The last bytes may still be in the terminal when the process has gone.
  await Bun.sleep(20);
  child.terminal?.close();
  return { exitCode, lines: screen.text };
}
