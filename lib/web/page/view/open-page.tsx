import type { Problem } from "../../contract.ts";
import { explainProblem } from "../api/explain-problem.ts";
import type { Access, Session } from "../state/open-session.ts";
import type { Page } from "../state/use-page.ts";
import { Identity } from "./identity.tsx";
import { Notice } from "./notice.tsx";
import { Workbench } from "./workbench.tsx";

interface OpenPageProps {
  readonly page: Page;
  readonly session: Session;
  readonly access: Access;
  readonly announce: (text: string) => void;
}

/** What helps against a refusal of the server, or against a sign-in that has ended. */
function Remedies({ page, problem }: { readonly page: Page; readonly problem: Problem }) {
  const { remedy } = explainProblem(problem);
  const isOther = remedy === "other_account";
  if (remedy === "retry" || remedy === "none") {
    return (
      <button type="button" className="button" onClick={page.start}>
        Try again
      </button>
    );
  }
  return (
    <>
      <button
        type="button"
        className="button primary"
        onClick={() => page.signIn({ way: isOther ? "redirect" : "popup", isOther })}
      >
        {isOther ? "Use another account" : "Sign in again"}
      </button>
      {isOther ? (
        <button type="button" className="button" onClick={page.start}>
          Check again
        </button>
      ) : (
        <button type="button" className="button" onClick={() => page.signIn({ way: "redirect" })}>
          Sign in in this window
        </button>
      )}
    </>
  );
}

/** The page for somebody who is in, or where nobody has to sign in. */
export function OpenPage({ page, session, access, announce }: OpenPageProps) {
  const account = session.signIn?.account();
  const isGranted = access.kind === "granted";
  return (
    <main className="page" id="content" tabIndex={-1}>
      <h1 className="unseen">Tools</h1>
      {account ? (
        <Identity account={account} me={isGranted ? access.me : undefined} token={page.token} />
      ) : null}
      {session.signIn ? null : (
        <p className="open-note">
          <span className="tag">Open</span> This server lets everybody in, without signing in.
        </p>
      )}
      {page.signInProblem ? (
        <Notice problem={page.signInProblem}>
          <Remedies page={page} problem={page.signInProblem} />
        </Notice>
      ) : null}
      {isGranted ? (
        <Workbench
          key={account?.username ?? ""}
          api={session.api}
          tools={access.tools}
          announce={announce}
          onFailure={page.noteFailure}
        />
      ) : (
        <Notice problem={access.problem}>
          <Remedies page={page} problem={access.problem} />
        </Notice>
      )}
    </main>
  );
}
