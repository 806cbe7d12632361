import type { ProgressData } from "../../contract.ts";
import { fractionOf } from "../state/calls.ts";

interface ProgressBarProps {
  readonly label: string;
  /** Undefined before the first report. */
  readonly progress: ProgressData | undefined;
}

/** How far a call is; it wanders where the tool does not say. */
export function ProgressBar({ label, progress }: ProgressBarProps) {
  const fraction = fractionOf(progress);
  const percent = fraction === undefined ? undefined : Math.round(fraction * 100);
  return (
    <div className="progress">
      <div
        className={percent === undefined ? "track wandering" : "track"}
        role="progressbar"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent}
      >
        <div
          className="filled"
          style={percent === undefined ? undefined : { transform: `scaleX(${fraction})` }}
        />
      </div>
      <p className="progress-text">
        <span>{progress?.message ?? (progress ? `${progress.progress} done` : "Started")}</span>
        <span className="steady">{percent === undefined ? "" : `${percent} %`}</span>
      </p>
    </div>
  );
}
