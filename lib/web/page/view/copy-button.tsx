import { useEffect, useState } from "react";

interface CopyButtonProps {
  readonly text: string;
  readonly announce: (text: string) => void;
  /** Shows and selects the text, where the browser does not let pages write to the clipboard. */
  readonly onRefused: () => void;
}

type Outcome = "copied" | "selected" | undefined;

const labels = { copied: "Copied", selected: "Press Ctrl+C" } as const;
const shownMs = 2500;

/** Copies a text. */
export function CopyButton({ text, announce, onRefused }: CopyButtonProps) {
  const [outcome, setOutcome] = useState<Outcome>();
  useEffect(() => {
    if (!outcome) return undefined;
    const timer = setTimeout(() => setOutcome(undefined), shownMs);
    return () => clearTimeout(timer);
  }, [outcome]);

  async function copy() {
    try {
      await navigator.clipboard.writeText(text);
      setOutcome("copied");
      announce("Copied");
    } catch {
      onRefused();
      setOutcome("selected");
      announce("The text is selected: press Control and C");
    }
  }

  return (
    <button type="button" className="button small copy" onClick={() => void copy()}>
      {outcome ? labels[outcome] : "Copy JSON"}
    </button>
  );
}
