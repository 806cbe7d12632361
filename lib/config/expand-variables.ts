import type { Environment } from "./environment.ts";

const reference = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g;

/**
 * Fills in `${VAR}` and `${VAR:-default}`, once: what comes out of a variable stays as it is.
 *
 * @param refuse makes the error for a variable that is not set, or empty, and has no default
 */
export function expandVariables(
  text: string,
  environment: Environment,
  refuse: (variable: string) => Error,
): string {
  return text.replace(reference, (_, name: string, fallback: string | undefined) => {
    const value = environment[name];
    if (value !== undefined && value !== "") return value;
    if (fallback !== undefined) return fallback;
    throw refuse(name);
  });
}
