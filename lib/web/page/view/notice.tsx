import type { ReactNode } from "react";
import type { Problem } from "../../contract.ts";
import { explainProblem } from "../api/explain-problem.ts";

interface NoticeProps {
  readonly problem: Problem;
  /** Buttons that help. */
  readonly children?: ReactNode;
  /** Whether it is read out as soon as it appears. Default true. */
  readonly isAlert?: boolean;
}

/** Says what went wrong, what to do, and the reason code to tell others. */
export function Notice({ problem, children, isAlert = true }: NoticeProps) {
  const { title, advice } = explainProblem(problem);
  const said = [problem.detail, problem.hint].filter(Boolean).join(" ");
  return (
    <section className="notice" role={isAlert ? "alert" : undefined}>
      <p className="notice-title">{title}</p>
      {advice === "" ? null : <p>{advice}</p>}
      {said === "" || said === title ? null : <p className="notice-said">{said}</p>}
      <p className="notice-code">
        Reason: <code>{problem.code}</code>
      </p>
      {children === undefined ? null : <div className="buttons">{children}</div>}
    </section>
  );
}
