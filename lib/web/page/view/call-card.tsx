import { useId, useState } from "react";
import { type Call, isRunning } from "../state/calls.ts";
import { ErrorBoundary } from "./error-boundary.tsx";
import { formatInline, formatTime, formatTook } from "./format.ts";
import { Notice } from "./notice.tsx";
import { ProgressBar } from "./progress-bar.tsx";
import { ResultView } from "./result-view.tsx";
import { useNow } from "./use-now.ts";

interface CallCardProps {
  readonly call: Call;
  readonly onCancel: () => void;
  readonly onRepeat: () => void;
  readonly announce: (text: string) => void;
}

const outcomeWords = { running: "Running", done: "Done", failed: "Failed", cancelled: "Cancelled" } as const;
const tickMs = 200;

function Took({ call }: { readonly call: Call }) {
  const now = useNow(isRunning(call) ? tickMs : undefined);
  return <span className="took steady">{formatTook((call.endedAtMs ?? now) - call.startedAtMs)}</span>;
}

function Arguments({ args }: Pick<Call, "args">) {
  const entries = Object.entries(args);
  if (entries.length === 0) return null;
  return (
    <p className="call-args">
      {entries.map(([name, value]) => (
        <span key={name}>
          <span className="arg-name">{name}</span> {formatInline(value)}
        </span>
      ))}
    </p>
  );
}

function Outcome({ call, announce }: Pick<CallCardProps, "call" | "announce">) {
  const { outcome } = call;
  switch (outcome.kind) {
    case "running":
      return (
        <ProgressBar
          label={`Progress of call ${call.number}, ${call.tool.title}`}
          progress={outcome.progress}
        />
      );
    case "done":
      return <ResultView callId={call.id} result={outcome.result} announce={announce} />;
    case "failed":
      return <Notice problem={outcome.problem} isAlert={false} />;
    default:
      return <p className="hint">You cancelled this call; the server has stopped the tool.</p>;
  }
}

interface EndedButtonsProps extends Pick<CallCardProps, "onRepeat"> {
  readonly number: number;
  readonly isOpen: boolean;
  readonly onToggle: () => void;
}

function EndedButtons({ number, isOpen, onToggle, onRepeat }: EndedButtonsProps) {
  return (
    <>
      <button
        type="button"
        className="button small plain"
        aria-expanded={isOpen}
        aria-label={`${isOpen ? "Hide" : "Show"} the outcome of call ${number}`}
        onClick={onToggle}
      >
        {isOpen ? "Hide" : "Show"}
      </button>
      <button
        type="button"
        className="button small plain"
        aria-label={`Use again: the input of call ${number}`}
        onClick={onRepeat}
      >
        Use again
      </button>
    </>
  );
}

/** One call of this visit. */
export function CallCard({ call, onCancel, onRepeat, announce }: CallCardProps) {
  const [isOpen, setIsOpen] = useState(true);
  const titleId = useId();
  const { outcome, tool, number } = call;
  return (
    <li className={`call ${outcome.kind}`} aria-labelledby={titleId}>
      <div className="call-head">
        <h3 id={titleId} tabIndex={-1}>
          <span className="call-number">{number}</span> {tool.title}
        </h3>
        <span className="status">{outcomeWords[outcome.kind]}</span>
        <Took call={call} />
      </div>
      <Arguments args={call.args} />
      <div className="call-body" hidden={!isOpen}>
        <ErrorBoundary key={outcome.kind}>
          <Outcome call={call} announce={announce} />
        </ErrorBoundary>
      </div>
      <div className="call-end">
        <time className="call-time" dateTime={new Date(call.startedAtMs).toISOString()}>
          {formatTime(call.startedAtMs)}
        </time>
        {isRunning(call) ? (
          <button
            type="button"
            className="button small"
            aria-label={`Cancel call ${number}, ${tool.title}`}
            onClick={() => {
              onCancel();
              // The button goes away: the focus stays at this call.
              document.getElementById(titleId)?.focus();
            }}
          >
            Cancel
          </button>
        ) : (
          <EndedButtons
            number={number}
            isOpen={isOpen}
            onToggle={() => setIsOpen(!isOpen)}
            onRepeat={onRepeat}
          />
        )}
      </div>
    </li>
  );
}
