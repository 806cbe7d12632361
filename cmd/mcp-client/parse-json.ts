import { AppError } from "../../lib/base/errors.ts";
import { quote } from "../../lib/base/text.ts";

/** Whether a number of JSON goes out as it came in: beyond 2^53 whole numbers become others, beyond 1e308 null. */
function isKept(value: number, source: string): boolean {
  return Number.isFinite(value) && (!/^-?\d+$/.test(source) || value === 0 || String(value) === source);
}

/**
 * Parses JSON that is sent to a server; undefined where it is none.
 *
 * @throws `invalid_arguments` for a number that would be sent as another one
 */
export function parseJson(text: string): { readonly value: unknown } | undefined {
  const check = (_: string, value: unknown, context?: { readonly source?: string }): unknown => {
    const { source } = context ?? {};
    if (typeof value !== "number" || source === undefined || isKept(value, source)) return value;
    throw new AppError("invalid_arguments", `The number ${quote(source)} cannot be sent exactly.`, {
      hint: "If the tool takes text there, write it in quotation marks.",
    });
  };
  try {
    return { value: JSON.parse(text, check) as unknown };
  } catch (thrown) {
    if (thrown instanceof AppError) throw thrown;
    return undefined;
  }
}
