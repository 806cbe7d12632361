import { createInterface } from "node:readline";
import type { Abortable } from "../base/abort.ts";
import { AppError } from "../base/errors.ts";
import { neutralise } from "../base/text.ts";

/** Where a question is asked and answered. */
export interface ConfirmOptions extends Abortable {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean | undefined };
  /** Usually stderr: stdout is for results. */
  readonly output: NodeJS.WritableStream;
}

/**
 * Asks a person a yes-or-no question. Anything but `y` or `yes` is no, and so is the end of the input, and an
 * input at which nobody sits: then nothing is asked.
 *
 * @throws `interrupted` on Ctrl-C and when the signal fires
 */
export function confirm(question: string, { input, output, signal }: ConfirmOptions): Promise<boolean> {
  if (signal?.aborted) return Promise.reject(new AppError("interrupted", "Interrupted."));
  if (!input.isTTY) return Promise.resolve(false);
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  const reader = createInterface({ input, output, terminal: true });
  const stop = () => {
    reject(new AppError("interrupted", "Interrupted."));
    reader.close();
  };
  signal?.addEventListener("abort", stop, { once: true });
  reader.on("SIGINT", stop);
  reader.on("close", () => {
    signal?.removeEventListener("abort", stop);
    resolve(false);
  });
  reader.question(`${neutralise(question)} [y/N] `, (answer) => {
    resolve(/^\s*y(es)?\s*$/i.test(answer));
    reader.close();
  });
  return promise;
}

/** A way to ask on the process's terminal; undefined where nobody sits at it. */
export function askOn({
  stdin: input,
  stderr: output,
}: {
  readonly stdin: ConfirmOptions["input"];
  readonly stderr: ConfirmOptions["output"] & { readonly isTTY?: boolean | undefined };
}): ((question: string, options: Abortable) => Promise<boolean>) | undefined {
  if (input.isTTY !== true || output.isTTY !== true) return undefined;
  return (question, { signal }) => confirm(question, { input, output, signal });
}
