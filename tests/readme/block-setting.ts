import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { decideOnPage } from "../harness/person.ts";
import { startProgram } from "../harness/program.ts";

const dist = resolve(import.meta.dir, "../../dist");

/** The server that blocks talk to, with a folder and a home of their own. */
export interface Setting {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** The port at which the server really is; "8000" without a server. */
  readonly port: string;
  signIn(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Signs a person in as soon as a text shows an address and a code; does it once. */
export function createPerson(): (text: string) => void {
  let hasDecided = false;
  return (text) => {
    const page = /Address +(http\S+)|"verificationUri":"([^"]+)"/.exec(text);
    const code = /Code +(\S+)|"userCode":"([^"]+)"/.exec(text);
    if (hasDecided || !page || !code) return;
    hasDecided = true;
    void decideOnPage(page[1] ?? page[2] ?? "", code[1] ?? code[2] ?? "");
  };
}

async function logIn(folder: string, env: Readonly<Record<string, string>>): Promise<void> {
  const child = Bun.spawn([join(dist, "mcp-client"), "login", "--json"], {
    cwd: folder,
    env,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const person = createPerson();
  let text = "";
  for await (const chunk of child.stderr) person((text += new TextDecoder().decode(chunk)));
  if ((await child.exited) !== 0) throw new Error(`nobody could sign in: ${text}`);
}

/** Starts what a block's comment names, e.g. `mcp-server --dev`; nothing for "". */
export async function openSetting(command: string): Promise<Setting> {
  const folder = mkdtempSync(join(tmpdir(), "mcp-readme-"));
  const [program, ...args] = command === "" ? [] : command.split(" ");
  if (program !== undefined && program !== "mcp-server") throw new Error(`no server: ${command}`);
  const fast = { MCP_REVERSE_SECONDS: "0.5" };
  const server = program && startProgram(program, { args, folder, env: { ...fast, MCP_PORT: "0" } });
  const [, url = "", port = "8000"] = server
    ? await server.waitForStderr(/Endpoint\s+http:\/\/(\S+:(\d+)\/mcp)\n[^]*Connect/)
    : [];
  const env = {
    ...fast,
    PATH: `${dist}${delimiter}${process.env["PATH"] ?? ""}`,
    HOME: folder,
    XDG_CONFIG_HOME: join(folder, "config"),
    ...(url === "" ? {} : { MCP_SERVER_URL: `http://localhost:${port}/mcp` }),
  };
  let isSignedIn = false;
  return {
    folder,
    env,
    port,
    async signIn() {
      if (!isSignedIn) await logIn(folder, env);
      isSignedIn = true;
    },
    async [Symbol.asyncDispose]() {
      await server?.[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
