import { useState } from "react";
import type { ResultData } from "../../contract.ts";
import { CopyButton } from "./copy-button.tsx";
import { StructureView } from "./structure-view.tsx";

interface ResultViewProps {
  readonly callId: string;
  readonly result: ResultData;
  readonly announce: (text: string) => void;
}

const views = ["Structure", "JSON"] as const;

/** The result of a call, as structure or as JSON. */
export function ResultView({ callId, result, announce }: ResultViewProps) {
  const [view, setView] = useState<(typeof views)[number]>("Structure");
  const json = JSON.stringify(result.structuredContent, undefined, 2);
  const jsonId = `json-${callId}`;

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
        <div className="segments" role="group" aria-label="Show the result as">
          {views.map((name) => (
            <button key={name} type="button" aria-pressed={view === name} onClick={() => setView(name)}>
              {name}
            </button>
          ))}
        </div>
        <CopyButton text={json} announce={announce} onRefused={selectJson} />
      </div>
      {view === "Structure" ? (
        <StructureView value={result.structuredContent} />
      ) : (
        <pre className="json" id={jsonId} tabIndex={0} aria-label="Result as JSON">
          {json}
        </pre>
      )}
    </div>
  );
}
