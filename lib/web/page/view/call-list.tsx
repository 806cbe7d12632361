import { type RefObject, useEffect, useRef } from "react";
import type { ListedTool } from "../../contract.ts";
import { isRunning } from "../state/calls.ts";
import type { CallBoard } from "../state/use-calls.ts";
import { CallCard } from "./call-card.tsx";

interface CallListProps {
  readonly board: CallBoard;
  readonly onRepeat: (tool: ListedTool, args: Readonly<Record<string, unknown>>) => void;
  readonly announce: (text: string) => void;
}

/** On a phone the calls lie below the form: a new one is brought into sight, no further than need be. */
function useNewestInSight(newestId: string | undefined): RefObject<HTMLOListElement | null> {
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    if (newestId !== undefined) list.current?.firstElementChild?.scrollIntoView({ block: "nearest" });
  }, [newestId]);
  return list;
}

/** The calls of this visit, the newest first: those that run and those that ended. */
export function CallList({ board, onRepeat, announce }: CallListProps) {
  const { calls } = board;
  const list = useNewestInSight(calls[0]?.id);
  const running = calls.filter(isRunning).length;
  const finished = calls.length - running;
  return (
    <section className="call-list" aria-labelledby="calls-title">
      <div className="section-head">
        <h2 className="section-title" id="calls-title" tabIndex={-1}>
          Calls of this visit
        </h2>
        <div className="section-actions">
          {running > 1 ? (
            <button type="button" className="button small plain" onClick={board.cancelAll}>
              Cancel all {running}
            </button>
          ) : null}
          {finished > 0 ? (
            <button
              type="button"
              className="button small plain"
              onClick={() => {
                board.clear();
                document.getElementById("calls-title")?.focus();
              }}
            >
              Clear finished
            </button>
          ) : null}
        </div>
      </div>
      {calls.length === 0 ? (
        <p className="nothing">
          Run a tool: its progress and its result appear here. Several can run at once.
        </p>
      ) : (
        <ol className="calls" ref={list}>
          {calls.map((call) => (
            <CallCard
              key={call.id}
              call={call}
              onCancel={() => board.cancel(call.id)}
              onRepeat={() => onRepeat(call.tool, call.args)}
              announce={announce}
            />
          ))}
        </ol>
      )}
    </section>
  );
}
