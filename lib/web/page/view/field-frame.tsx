import type { ReactNode } from "react";
import type { Field } from "../schema/field.ts";

interface FrameProps {
  readonly field: Field;
  readonly path: string;
  readonly error: string | undefined;
  readonly limits?: string;
  readonly children: ReactNode;
}

/** Label above, description and error below. The place of the error is kept free, so that nothing jumps. */
export function Frame({ field, path, error, limits = "", children }: FrameProps) {
  return (
    <div className="field">
      <div className="field-head">
        <label htmlFor={path}>{field.label}</label>
        <span className="field-kind">
          {[field.isRequired ? "" : "optional", limits].filter(Boolean).join(", ")}
        </span>
      </div>
      {field.description === undefined ? null : (
        <p className="field-about" id={`${path}-about`}>
          {field.description}
        </p>
      )}
      {children}
      <p className="field-error" id={`${path}-error`}>
        {error}
      </p>
    </div>
  );
}
