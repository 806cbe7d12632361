import { startProgram } from "./program.ts";

/** `mcp-server --no-auth` as compiled; `url` is the page's. */
export async function startOpenServer(...args: string[]) {
  const program = startProgram("mcp-server", { args: ["--no-auth", "--port", "0", ...args] });
  const [, url = ""] = await program.waitForStderr(/Endpoint\s+(http\S+)/);
  return {
    url: new URL("/", url).href,
    program,
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}
