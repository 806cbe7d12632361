import type { Abortable } from "../base/abort.ts";
import type { AppError } from "../base/errors.ts";
import { applyPlan, defaultRetries, type StepOutcome } from "./apply-plan.ts";
import { type AzAccount, readAzAccount } from "./az-account.ts";
import { clouds, type Graph, openGraph } from "./graph.ts";
import { makePlan } from "./plan.ts";
import { type DirectoryState, readState, type SoughtPair } from "./read-state.ts";
import type { RunAz } from "./run-az.ts";
import type { Ids, Step, StepId } from "./step.ts";
import type { SetupTarget } from "./target.ts";
import { verifyState } from "./verify-state.ts";

/** What is set up, and where. */
export interface SetUpOptions {
  readonly runAz: RunAz;
  /** GUID or default domain; undefined: the tenant that the Azure CLI is signed in to. */
  readonly tenant: string | undefined;
  readonly target: SetupTarget;
  readonly sought: SoughtPair;
  /** Waits between attempts, in milliseconds. */
  readonly retryAfterMs?: readonly number[];
}

/** What is there, and what is missing. */
export interface Survey {
  readonly account: AzAccount;
  readonly graph: Graph;
  readonly state: DirectoryState;
  readonly steps: readonly Step[];
}

/** How it is after the steps were done. */
export interface SetUp {
  readonly state: DirectoryState;
  /** Why an optional step was refused. */
  readonly refused: readonly AppError[];
}

/**
 * Looks, and changes nothing.
 *
 * @throws `sign_in_required`, `az_wrong_tenant`, `several_registrations` and what reading throws
 */
export async function survey(options: SetUpOptions, { signal }: Abortable): Promise<Survey> {
  const { runAz, target, sought, tenant } = options;
  const { cloud, wantsAdminConsent: withGrant } = target;
  const account = await readAzAccount(runAz, { tenant, cloud }, { signal });
  const graph = openGraph(runAz, cloud);
  const state = await readState(graph, { ...sought, withGrant }, { signal });
  return { account, graph, state, steps: makePlan(state, target) };
}

/** From now on by their ids: there may be others of the same names. */
function soughtById(sought: SoughtPair, { api, client }: DirectoryState, ids: Ids): SoughtPair {
  return {
    api: { ...sought.api, appId: api?.appId ?? ids["api.appId"] },
    client: { ...sought.client, appId: client?.appId ?? ids["client.appId"] },
  };
}

/**
 * Does the steps, and reads again what came of them.
 *
 * @throws `setup_denied`, `several_registrations`, `rate_limited`, `server_failed`, `sign_in_required`
 */
export async function setUp(
  { account, graph, state, steps }: Survey,
  options: SetUpOptions,
  report: Abortable & { readonly onOutcome: (outcome: StepOutcome) => void },
): Promise<SetUp> {
  const { target, sought, retryAfterMs = defaultRetries } = options;
  const { signal } = report;
  const refusedSteps: StepId[] = [];
  const { ids, refused } = await applyPlan(steps, {
    graph,
    retryAfterMs,
    signal,
    consentUrl: (known) => {
      const clientId = state.client?.appId ?? known["client.appId"];
      return `${clouds[target.cloud].loginUrl}/${account.tenantId}/adminconsent?client_id=${clientId}`;
    },
    onOutcome: (outcome) => {
      if (outcome.error) refusedSteps.push(outcome.step.id);
      report.onOutcome(outcome);
    },
  });
  const byId = soughtById(sought, state, ids);
  const seen = await verifyState({
    graph,
    target,
    byId,
    byName: sought,
    refused: refusedSteps,
    retryAfterMs,
    signal,
  });
  return { state: seen, refused };
}
