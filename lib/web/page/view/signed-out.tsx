import type { PageConfig, Problem } from "../../contract.ts";
import type { SignInOptions } from "../sign-in/sign-in.ts";
import { Notice } from "./notice.tsx";

interface SignedOutProps {
  readonly config: PageConfig;
  readonly canSignIn: boolean;
  readonly isSigningIn: boolean;
  readonly problem: Problem | undefined;
  readonly onSignIn: (options: SignInOptions) => void;
}

function hostOf(authority: string | undefined): string {
  return (authority === undefined ? undefined : URL.parse(authority)?.host) ?? "the sign-in service";
}

function SignInButtons({ config, isSigningIn, onSignIn }: SignedOutProps) {
  return (
    <>
      <div className="buttons">
        <button type="button" className="button primary" onClick={() => onSignIn({ way: "redirect" })}>
          Sign in
        </button>
        <button type="button" className="button" onClick={() => onSignIn({ way: "popup" })}>
          Sign in using a new window
        </button>
      </div>
      <p className="hint" role="status">
        {isSigningIn ? "Go on in the sign-in window." : `You sign in at ${hostOf(config.authority)}.`}
      </p>
    </>
  );
}

function NoSignIn({ config }: { readonly config: PageConfig }) {
  return config.authentication === "issuer" ? (
    <p>
      People cannot sign in on this page: the server takes the tokens of{" "}
      <code>{hostOf(config.authority)}</code>. Use it with <code>mcp-client --auth oauth</code>, or send such
      a token to the REST API.
    </p>
  ) : (
    <p>
      People cannot sign in on this page yet: its operator has to name the application with{" "}
      <code>--client-id</code>. Programs can use the server all the same.
    </p>
  );
}

/** What this is, and the way in. */
export function SignedOut(props: SignedOutProps) {
  const { config, canSignIn, problem } = props;
  return (
    <main className="lone" id="content" tabIndex={-1}>
      <section className="panel welcome">
        <h1>Run tools with your work account</h1>
        <p>
          This server offers tools to AI agents, to programs and, on this page, to you. Sign in with your work
          account to run them with your own rights.
        </p>
        {config.isDevTenant ? (
          <p className="tag-line">
            <span className="tag">Development</span> Signing in goes to a look-alike of Microsoft Entra ID on
            this computer. No passwords.
          </p>
        ) : null}
        {canSignIn ? <SignInButtons {...props} /> : null}
        {!canSignIn && !problem ? <NoSignIn config={config} /> : null}
        {problem ? <Notice problem={problem} /> : null}
      </section>
    </main>
  );
}
