import type { ListedTool, Me, PageConfig, Problem } from "../../contract.ts";
import { type Api, createApi } from "../api/api.ts";
import { toProblem } from "../api/problem.ts";
import type { SignIn, Token } from "../sign-in/sign-in.ts";

/** What the server lets the person do. */
export type Access =
  | { readonly kind: "granted"; readonly me: Me; readonly tools: readonly ListedTool[] }
  | { readonly kind: "refused"; readonly problem: Problem };

/** The server's API for the person who is signed in, or for everybody. */
export interface Session {
  readonly config: PageConfig;
  /** Absent where nobody signs in. */
  readonly signIn: SignIn | undefined;
  readonly api: Api;
}

/** Opens the API; each token that is read on the way is told, so that its time left can be shown. */
export function openSession(
  config: PageConfig,
  signIn: SignIn | undefined,
  onToken: (token: Token) => void,
): Session {
  const api = createApi(async ({ isRefused }) => {
    if (!signIn) return undefined;
    const token = await signIn.readToken({ isRefused });
    onToken(token);
    return token.text;
  });
  return { config, signIn, api };
}

/** Asks who the person is to the server and which tools there are. */
export async function readAccess({ api }: Session): Promise<Access> {
  try {
    const [me, tools] = await Promise.all([api.readMe(), api.listTools()]);
    return { kind: "granted", me, tools };
  } catch (thrown) {
    return { kind: "refused", problem: toProblem(thrown) };
  }
}
