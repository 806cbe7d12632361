import type { SignInPrompts } from "../../lib/auth/client/open-tokens.ts";
import type { AgentOptions } from "../../lib/config/mcp-agent.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { createSignInPrompts } from "../../lib/terminal/sign-in-prompts.ts";

/** How a person is asked; absent where none sits there. */
export function signInPromptsOf({ io }: Context<AgentOptions>): SignInPrompts | undefined {
  const hasPerson = io.stdin.isTTY === true && io.stderr.isTTY === true;
  return hasPerson ? createSignInPrompts({ input: io.stdin, output: io.stderr }) : undefined;
}
