import { useState } from "react";
import type { ListedTool } from "../../contract.ts";

interface ToolListProps {
  readonly tools: readonly ListedTool[];
  readonly chosen: string;
  readonly onChoose: (name: string) => void;
}

/** So many fit on a screen; more can be searched. */
const searchFrom = 9;

function matches({ name, title, description }: ListedTool, words: string): boolean {
  const text = `${name} ${title} ${description}`.toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** All tools of the server, to choose one. */
export function ToolList({ tools, chosen, onChoose }: ToolListProps) {
  const [words, setWords] = useState("");
  const found = tools.filter((tool) => matches(tool, words));
  return (
    <nav className="tool-list" aria-label="Tools">
      <h2 className="section-title">Tools</h2>
      {tools.length < searchFrom ? null : (
        <input
          type="search"
          className="input"
          aria-label="Search the tools"
          placeholder="Search"
          value={words}
          onChange={(event) => setWords(event.target.value)}
        />
      )}
      <ul>
        {found.map(({ name, title }) => (
          <li key={name}>
            <button
              type="button"
              className="tool-choice"
              aria-current={name === chosen ? "true" : undefined}
              onClick={() => onChoose(name)}
            >
              <span className="tool-choice-title">{title}</span>
              <code>{name}</code>
            </button>
          </li>
        ))}
      </ul>
      {found.length === 0 ? <p className="hint">No tool has these words.</p> : null}
    </nav>
  );
}
