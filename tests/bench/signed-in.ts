import { startDevServer } from "../harness/dev-server.ts";
import { decideOnPage } from "../harness/person.ts";

/** Waits for the page and the code that `mcp-client login` shows, and acts as the person who reads them. */
async function signIn(binary: string, url: string, environment: Environment): Promise<void> {
  let screen = "";
  let wake = () => {};
  const decoder = new TextDecoder();
  const child = Bun.spawn([binary, "login", "--url", url], {
    cwd: environment.HOME,
    env: environment,
    terminal: {
      cols: 100,
      rows: 24,
      data(_, chunk) {
        screen += Bun.stripANSI(decoder.decode(chunk, { stream: true }));
        wake();
      },
    },
  });
  for (;;) {
    const [, page, code] = /Address\s+(http\S+)[^]*Code\s+(\S+)\s/.exec(screen) ?? [];
    if (page !== undefined && code !== undefined) {
      await decideOnPage(page, code, { person: "ada", decision: "approve" });
      break;
    }
    if (child.exitCode !== null) throw new Error(`the login ended with ${child.exitCode}:\n${screen}`);
    await new Promise<void>((resolve) => {
      wake = resolve;
      void child.exited.then(() => resolve());
    });
  }
  if ((await child.exited) !== 0) throw new Error(`the login failed:\n${screen}`);
}

/** The whole environment of what is measured. */
export interface Environment extends Readonly<Record<string, string>> {
  readonly HOME: string;
}

/** A local `mcp-server --dev`, and a person who has signed in to it: the token lies in the folder HOME. */
export async function startSignedIn(binary: string, folder: string) {
  const environment: Environment = {
    PATH: process.env["PATH"] ?? "",
    HOME: folder,
    XDG_CONFIG_HOME: folder,
    TERM: "xterm",
  };
  const server = await startDevServer();
  await signIn(binary, server.url, environment);
  return { server, environment, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}
