import { type Abortable, sleep } from "../base/abort.ts";
import { AppError } from "../base/errors.ts";
import type { Graph } from "./graph.ts";
import { makePlan } from "./plan.ts";
import { type DirectoryState, readState, type SoughtPair } from "./read-state.ts";
import type { StepId } from "./step.ts";
import type { SetupTarget } from "./target.ts";

export interface VerifyOptions extends Abortable {
  readonly graph: Graph;
  readonly target: SetupTarget;
  /** By client id, and by name: somebody else may have made registrations of the same names meanwhile. */
  readonly byId: SoughtPair;
  readonly byName: SoughtPair;
  /** Steps that were refused, and are not waited for. */
  readonly refused: readonly StepId[];
  /** Waits between looks, in milliseconds: not all of the directory shows a change at once. */
  readonly retryAfterMs: readonly number[];
}

/** What is there, and the first step that is still missing. */
interface Look {
  readonly state: DirectoryState | undefined;
  readonly missing: string | undefined;
}

async function look({ graph, target, byId, refused, signal }: VerifyOptions): Promise<Look> {
  const withGrant = target.wantsAdminConsent && !refused.includes("admin_consent");
  try {
    const state = await readState(graph, { ...byId, withGrant }, { signal });
    const missing = makePlan(state, target).find(({ id }) => !refused.includes(id));
    return { state, missing: missing?.id };
  } catch (thrown) {
    // A registration that was made a moment ago.
    if (thrown instanceof AppError && thrown.code === "invalid_config") {
      return { state: undefined, missing: "a registration" };
    }
    throw thrown;
  }
}

/**
 * Reads again what was written, until nothing is missing.
 *
 * @throws `several_registrations` where there are two of a name now, `server_failed` where something is still missing
 */
export async function verifyState(options: VerifyOptions): Promise<DirectoryState> {
  const { graph, byName, retryAfterMs, signal } = options;
  let found = await look(options);
  for (const wait of retryAfterMs) {
    if (found.missing === undefined) break;
    await sleep(wait, { signal });
    found = await look(options);
  }
  await readState(graph, { ...byName, withGrant: false }, { signal });
  if (found.state && found.missing === undefined) return found.state;
  throw new AppError("server_failed", `Entra does not show all of it yet: ${found.missing} is missing.`, {
    hint: "Wait a minute and run the command again: it goes on where it stopped.",
  });
}
