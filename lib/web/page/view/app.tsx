import { useAnnouncer } from "../state/use-announcer.ts";
import { type Page, usePage } from "../state/use-page.ts";
import { Bar } from "./bar.tsx";
import { ErrorBoundary } from "./error-boundary.tsx";
import { Notice } from "./notice.tsx";
import { OpenPage } from "./open-page.tsx";
import { SignedOut } from "./signed-out.tsx";

interface ContentProps {
  readonly page: Page;
  readonly announce: (text: string) => void;
}

function Content({ page, announce }: ContentProps) {
  const { state } = page;
  switch (state.kind) {
    case "loading":
      return (
        <main className="lone" id="content" tabIndex={-1} aria-busy="true">
          <p className="loading">Loading</p>
        </main>
      );
    case "broken":
      return (
        <main className="lone" id="content" tabIndex={-1}>
          <Notice problem={state.problem}>
            <button type="button" className="button" onClick={page.start}>
              Try again
            </button>
          </Notice>
        </main>
      );
    case "signed-out":
      return (
        <SignedOut
          config={state.config}
          canSignIn={state.signIn !== undefined}
          isSigningIn={page.isSigningIn}
          problem={page.signInProblem ?? state.problem}
          onSignIn={page.signIn}
        />
      );
    default:
      return <OpenPage page={page} {...state} announce={announce} />;
  }
}

/** The whole page. */
export function App() {
  const page = usePage();
  const [announcement, announce] = useAnnouncer();
  const { state } = page;
  const config =
    state.kind === "open" ? state.session.config : state.kind === "signed-out" ? state.config : undefined;
  const account = state.kind === "open" ? state.session.signIn?.account() : undefined;
  return (
    <>
      <Bar product={config?.product} account={account} onSignOut={page.signOut} />
      <ErrorBoundary key={state.kind}>
        <Content page={page} announce={announce} />
      </ErrorBoundary>
      <div className="unseen" role="status" aria-live="polite">
        <span key={announcement.turn}>{announcement.text}</span>
      </div>
    </>
  );
}
