import { useCallback, useEffect, useState } from "react";
import type { PageConfig, Problem } from "../../contract.ts";
import { readConfig } from "../api/api.ts";
import { toProblem } from "../api/problem.ts";
import type { SignIn, SignInOptions, Token } from "../sign-in/sign-in.ts";
import { type Access, openSession, readAccess, type Session } from "./open-session.ts";
import { useAttempts } from "./use-attempts.ts";
import { useRenewal } from "./use-renewal.ts";

/** Where the visit stands. */
export type PageState =
  | { readonly kind: "loading" }
  /** Without the server's word nothing works. */
  | { readonly kind: "broken"; readonly problem: Problem }
  | {
      readonly kind: "signed-out";
      readonly config: PageConfig;
      /** Absent where the server does not say how to sign in. */
      readonly signIn: SignIn | undefined;
      readonly problem: Problem | undefined;
    }
  | { readonly kind: "open"; readonly session: Session; readonly access: Access };

/** The visit and what moves it on. */
export interface Page {
  readonly state: PageState;
  /** The last one that was read. */
  readonly token: Token | undefined;
  /** While the person is at the sign-in service. */
  readonly isSigningIn: boolean;
  /** Why signing in again did not work, while the tools stay in sight. */
  readonly signInProblem: Problem | undefined;
  start(): void;
  /** Takes note of a failed call: a sign-in that has ended is told beside the tools. */
  noteFailure(problem: Problem): void;
  signIn(options: SignInOptions): void;
  signOut(): void;
}

async function openConfigured(config: PageConfig, onToken: (token: Token) => void): Promise<PageState> {
  const open = async (signIn: SignIn | undefined): Promise<PageState> => {
    const session = openSession(config, signIn, onToken);
    return { kind: "open", session, access: await readAccess(session) };
  };
  if (config.authentication === "none") return open(undefined);
  if (config.authentication !== "entra" || config.clientId === undefined) {
    return { kind: "signed-out", config, signIn: undefined, problem: undefined };
  }
  try {
    const { openSignIn } = await import("../sign-in/msal-sign-in.ts");
    const { signIn, problem } = await openSignIn(config);
    return signIn.account() ? await open(signIn) : { kind: "signed-out", config, signIn, problem };
  } catch (thrown) {
    return { kind: "signed-out", config, signIn: undefined, problem: toProblem(thrown) };
  }
}

async function openPage(onToken: (token: Token) => void): Promise<PageState> {
  try {
    return await openConfigured(await readConfig(), onToken);
  } catch (thrown) {
    return { kind: "broken", problem: toProblem(thrown) };
  }
}

function signInOf(state: PageState): SignIn | undefined {
  if (state.kind === "signed-out") return state.signIn;
  return state.kind === "open" ? state.session.signIn : undefined;
}

/** After signing in in a window of its own: the same session goes on, with its calls. */
async function resume(state: PageState, onToken: (token: Token) => void): Promise<PageState> {
  if (state.kind === "open") return { ...state, access: await readAccess(state.session) };
  if (state.kind !== "signed-out" || !state.signIn) return state;
  const session = openSession(state.config, state.signIn, onToken);
  return { kind: "open", session, access: await readAccess(session) };
}

/** The last token; the same one again changes nothing. */
function useToken(): readonly [Token | undefined, (token: Token) => void] {
  const [token, setToken] = useState<Token>();
  const keep = useCallback((next: Token) => {
    setToken((last) => (last?.text === next.text ? last : next));
  }, []);
  return [token, keep];
}

/** Runs the visit: configuration, signing in, what the server grants. */
export function usePage(): Page {
  const [state, setState] = useState<PageState>({ kind: "loading" });
  const [token, setToken] = useToken();
  const { isUnderWay: isSigningIn, problem: signInProblem, setProblem, attempt } = useAttempts();

  const start = useCallback(() => {
    setState({ kind: "loading" });
    void openPage(setToken).then(setState);
  }, [setToken]);
  useEffect(start, [start]);

  const change = useCallback(
    async (work: (signIn: SignIn) => Promise<void>) => {
      const signIn = signInOf(state);
      if (!signIn) return;
      await attempt(async () => {
        await work(signIn);
        const next = await resume(state, setToken);
        return () => setState(next);
      });
    },
    [attempt, state, setToken],
  );

  const noteFailure = useCallback(
    (problem: Problem) => {
      const hasEnded = problem.code === "sign_in_required" || problem.status === 401;
      if (hasEnded) setProblem(() => problem);
    },
    [setProblem],
  );
  const onRenewalFailure = useCallback((thrown: unknown) => noteFailure(toProblem(thrown)), [noteFailure]);
  const renewer = state.kind === "open" ? state.session.signIn : undefined;
  const onRenewed = useCallback(
    (renewed: Token) => {
      setToken(renewed);
      setProblem((last) => (last?.code === "sign_in_required" ? undefined : last));
    },
    [setProblem, setToken],
  );
  useRenewal({ signIn: renewer, token, onToken: onRenewed, onFailure: onRenewalFailure });

  return {
    state,
    token,
    isSigningIn,
    signInProblem,
    start,
    noteFailure,
    signIn: useCallback((options) => void change((signIn) => signIn.signIn(options)), [change]),
    signOut: useCallback(() => void change((signIn) => signIn.signOut()), [change]),
  };
}
