import type { SignInPrompts } from "../../lib/auth/client/open-tokens.ts";
import type { Abortable } from "../../lib/base/abort.ts";
import type { AgentOptions } from "../../lib/config/mcp-agent.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { createSignInPrompts } from "../../lib/terminal/sign-in-prompts.ts";
import { confirmWith, type Person } from "./person.ts";

/** How a person is asked, with the keyboard of the REPL where there is one; absent where none sits there. */
export function signInPromptsOf(
  { io }: Context<AgentOptions>,
  person: Person | undefined,
): SignInPrompts | undefined {
  if (io.stdin.isTTY !== true || io.stderr.isTTY !== true) return undefined;
  const confirm =
    person && ((question: string, { signal }: Abortable) => confirmWith(person, question, signal));
  return createSignInPrompts({ input: io.stdin, output: io.stderr, confirm });
}
