import { type FormEvent, useState } from "react";
import type { ListedTool, ToolHints } from "../../contract.ts";
import { checkForm, type FieldErrors, rootPath } from "../schema/check-value.ts";
import type { GroupField } from "../schema/field.ts";
import type { GroupValue } from "../schema/form-value.ts";
import { FieldList } from "./field-view.tsx";

interface ToolFormProps {
  readonly tool: ListedTool;
  readonly form: GroupField;
  readonly values: GroupValue;
  readonly onChange: (values: GroupValue) => void;
  readonly onRun: (args: Readonly<Record<string, unknown>>) => void;
}

const noErrors: FieldErrors = new Map();

/** What the tool's author says about its effects; nobody checks it. */
function describeHints({ readOnlyHint, destructiveHint, openWorldHint }: ToolHints): readonly string[] {
  return [
    ...(readOnlyHint === true ? ["Changes nothing"] : []),
    ...(readOnlyHint !== true && destructiveHint === true ? ["May delete or overwrite"] : []),
    ...(openWorldHint === true ? ["Reaches other systems"] : []),
  ];
}

function ToolHead({ tool }: { readonly tool: ListedTool }) {
  const hints = describeHints(tool.annotations);
  return (
    <>
      <div className="tool-head">
        <h2 id="tool-title" tabIndex={-1}>
          {tool.title}
        </h2>
        {hints.map((hint) => (
          <span className="tag" key={hint}>
            {hint}
          </span>
        ))}
      </div>
      <p className="tool-description">{tool.description}</p>
    </>
  );
}

/** The form of one tool. It is checked before anything is sent, and from then on while it is corrected. */
export function ToolForm({ tool, form, values, onChange, onRun }: ToolFormProps) {
  const [wasTried, setWasTried] = useState(false);
  const { args, errors } = checkForm(form, values);

  function submit(event: FormEvent) {
    event.preventDefault();
    setWasTried(errors.size > 0);
    if (errors.size === 0) return onRun(args);
    const [first] = errors.keys();
    // Only now the errors are in the document, and are read out with the field.
    requestAnimationFrame(() => document.getElementById(first ?? "")?.focus());
  }

  return (
    <section className="panel tool-form" aria-labelledby="tool-title">
      <ToolHead tool={tool} />
      <form noValidate onSubmit={submit}>
        <FieldList
          path={rootPath}
          fields={form.fields}
          values={values}
          errors={wasTried ? errors : noErrors}
          onChange={onChange}
        />
        {form.fields.length === 0 ? <p className="hint">This tool takes no input.</p> : null}
        <div className="form-end">
          <button type="submit" className="button primary">
            Run
          </button>
          {wasTried && errors.size > 0 ? (
            <p className="form-error" role="alert">
              {errors.size === 1 ? "One field needs a change." : `${errors.size} fields need a change.`}
            </p>
          ) : null}
        </div>
      </form>
    </section>
  );
}
