import { useMemo, useState } from "react";
import type { ResultData } from "../../contract.ts";
import { CopyButton } from "./copy-button.tsx";
import { StructureView } from "./structure-view.tsx";

interface ResultViewProps {
  readonly callId: string;
  readonly result: ResultData;
  readonly announce: (text: string) => void;
}

const views = ["Structure", "JSON"] as const;
/** Nobody reads more than this, and drawing it keeps the page from answering for seconds. */
const maxShownLength = 100_000;

function TooLong({ length }: { readonly length: number }) {
  return (
    <p className="hint">
      The result has {length.toLocaleString("en")} characters: this is its beginning. Copy JSON copies all of
      it.
    </p>
  );
}

/** The result of a call, as structure or as JSON. A very long one is shown in part. */
export function ResultView({ callId, result, announce }: ResultViewProps) {
  const [view, setView] = useState<(typeof views)[number]>("Structure");
  // Other calls draw this one again with each of their steps.
  const json = useMemo(() => JSON.stringify(result.structuredContent, undefined, 2), [result]);
  const jsonId = `json-${callId}`;
  const isLong = json.length > maxShownLength;

  function selectJson() {
    setView("JSON");
    requestAnimationFrame(() => {
      const element = document.getElementById(jsonId);
      if (element) getSelection()?.selectAllChildren(element);
    });
  }

  return (
    <div className="result">
      <div className="result-head">
        {isLong ? (
          <span className="hint">JSON</span>
        ) : (
          <div className="segments" role="group" aria-label="Show the result as">
            {views.map((name) => (
              <button key={name} type="button" aria-pressed={view === name} onClick={() => setView(name)}>
                {name}
              </button>
            ))}
          </div>
        )}
        <CopyButton text={json} announce={announce} onRefused={selectJson} />
      </div>
      {isLong ? <TooLong length={json.length} /> : null}
      {view === "Structure" && !isLong ? (
        <StructureView value={result.structuredContent} />
      ) : (
        <pre className="json" id={jsonId} tabIndex={0} aria-label="Result as JSON">
          {isLong ? json.slice(0, maxShownLength) : json}
        </pre>
      )}
    </div>
  );
}
