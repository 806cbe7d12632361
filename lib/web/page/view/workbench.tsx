import { useCallback, useMemo, useState } from "react";
import type { ListedTool, Problem } from "../../contract.ts";
import type { Api } from "../api/api.ts";
import { fillGroup, type GroupValue } from "../schema/form-value.ts";
import { readForm } from "../schema/read-schema.ts";
import { useCalls } from "../state/use-calls.ts";
import { CallList } from "./call-list.tsx";
import { ToolForm } from "./tool-form.tsx";
import { ToolList } from "./tool-list.tsx";

interface WorkbenchProps {
  readonly api: Api;
  readonly tools: readonly ListedTool[];
  readonly announce: (text: string) => void;
  readonly onFailure: (problem: Problem) => void;
}

/** What was typed, tool by tool: looking at another tool loses nothing. */
type Drafts = ReadonlyMap<string, GroupValue>;

/** The tools, the form of one of them, and the calls of this visit. */
export function Workbench({ api, tools, announce, onFailure }: WorkbenchProps) {
  const board = useCalls({ api, announce, onFailure });
  const [chosen, setChosen] = useState(tools[0]?.name);
  const [drafts, setDrafts] = useState<Drafts>(() => new Map());
  const forms = useMemo(
    () => new Map(tools.map((tool) => [tool.name, readForm(tool.inputSchema)] as const)),
    [tools],
  );
  const tool = tools.find(({ name }) => name === chosen);
  const form = tool && forms.get(tool.name);

  const repeat = useCallback(
    (again: ListedTool, args: Readonly<Record<string, unknown>>) => {
      const known = forms.get(again.name);
      if (!known) return;
      setDrafts((all) => new Map(all).set(again.name, fillGroup(known, args)));
      setChosen(again.name);
      announce(`${again.title}: the form is filled as in that call`);
      requestAnimationFrame(() => document.getElementById("tool-title")?.focus());
    },
    [announce, forms],
  );

  if (!tool || !form) return <p className="panel">This server offers no tools.</p>;
  return (
    <div className="workbench">
      <ToolList tools={tools} chosen={tool.name} onChoose={setChosen} />
      <ToolForm
        key={tool.name}
        tool={tool}
        form={form}
        values={drafts.get(tool.name) ?? fillGroup(form)}
        onChange={(values) => setDrafts((all) => new Map(all).set(tool.name, values))}
        onRun={(args) => board.run(tool, args)}
      />
      <CallList board={board} onRepeat={repeat} announce={announce} />
    </div>
  );
}
