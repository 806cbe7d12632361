import { type Abortable, sleep } from "../base/abort.ts";
import { AppError } from "../base/errors.ts";
import type { JsonObject } from "../base/json.ts";
import { AzRefusal, explainRefusal } from "./az-failure.ts";
import type { Graph } from "./graph.ts";
import { readGuid } from "./registration.ts";
import { type Ids, resolveReferences, type Step } from "./step.ts";

/** How one step ended. */
export interface StepOutcome {
  readonly step: Step;
  /** Absent: it is done. */
  readonly error?: AppError;
}

export interface ApplyOptions extends Abortable {
  readonly graph: Graph;
  /**
   * Waits before a step is tried again, in milliseconds: the directory needs a while until all of it knows a new
   * object, and slows down who asks too often.
   */
  readonly retryAfterMs: readonly number[];
  /** Called after each step. */
  readonly onOutcome: (outcome: StepOutcome) => void;
  /** Where an administrator can consent. */
  readonly consentUrl: (ids: Ids) => string;
}

/** The waits of a real run: half a minute in all. */
export const defaultRetries: readonly number[] = [2000, 4000, 8000, 16_000];

function explainConsent(url: string): AppError {
  const message = "You are not allowed to consent for everybody in the tenant.";
  return new AppError("consent_denied", message, {
    hint:
      "An administrator (Cloud Application Administrator, or higher) consents at " +
      `${url} ; until then each person is asked at the first sign-in, if the tenant allows that.`,
  });
}

/** What Graph says of an App ID URI that another registration has already. */
const takenCodes: readonly string[] = ["ObjectConflict", "ConflictingObjects"];

const withoutUri =
  "Without it mcp-client works; clients that sign in by themselves, such as VS Code, are refused (AADSTS9010010).";

function explainUri({ codes }: AzRefusal["failure"]): AppError {
  const isTaken = codes.some((code) => takenCodes.includes(code));
  const message = isTaken
    ? "Another registration has the public URL as its Application ID URI."
    : "Entra does not take the public URL as an Application ID URI.";
  const remedy = isTaken
    ? "Use that registration (--api-client-id), or take the URI away there."
    : "Its host must be a verified domain of the tenant (Entra admin center, Custom domain names).";
  return new AppError("app_id_uri_refused", message, { hint: `${remedy} ${withoutUri}` });
}

function explain({ id, action }: Step, refusal: AzRefusal, consentUrl: string): AppError {
  const { status, aadsts } = refusal.failure;
  if (id === "admin_consent" && status === 403 && aadsts === undefined) return explainConsent(consentUrl);
  if (id === "public_url" && (status === 400 || status === 409)) return explainUri(refusal.failure);
  return explainRefusal(refusal, action);
}

/** Whether the directory may think otherwise in a moment. A new object is unknown to parts of it: 404, or 400. */
function mayPass({ creates }: Step, { failure }: AzRefusal, hasCreated: boolean): boolean {
  const { status, codes } = failure;
  if (codes.some((code) => code === "HostNameNotOnVerifiedDomain" || takenCodes.includes(code))) return false;
  // What fails with 503 may have been done: a second registration would be in the way.
  const isHarmless = creates === undefined && status === 503;
  return status === 429 || isHarmless || (hasCreated && (status === 404 || status === 400));
}

/** What stands for the ids of an object that a step created. @throws `server_failed` */
function idsOf({ creates }: Step, answer: JsonObject): Ids {
  if (creates === undefined) return {};
  return { [`${creates}.id`]: readGuid(answer, "id"), [`${creates}.appId`]: readGuid(answer, "appId") };
}

async function tryStep(
  step: Step,
  { graph, retryAfterMs, signal }: ApplyOptions,
  hasCreated: boolean,
): Promise<JsonObject> {
  for (const wait of [...retryAfterMs, undefined]) {
    try {
      return await graph.change(step.change, { signal });
    } catch (thrown) {
      if (wait === undefined || !(thrown instanceof AzRefusal) || !mayPass(step, thrown, hasCreated))
        throw thrown;
      await sleep(wait, { signal });
    }
  }
  throw new AppError("unexpected", "A step ended without an outcome.");
}

/**
 * Does the steps one after the other. An optional one that is refused is noted, and the others go on.
 *
 * @returns the ids of what was created, and the error of each optional step that was refused
 * @throws what refused a step that the others need
 */
export async function applyPlan(
  steps: readonly Step[],
  options: ApplyOptions,
): Promise<{ readonly ids: Ids; readonly refused: readonly AppError[] }> {
  let ids: Ids = {};
  const refused: AppError[] = [];
  for (const planned of steps) {
    const step = resolveReferences(planned, ids);
    try {
      const answer = await tryStep(step, options, Object.keys(ids).length > 0);
      ids = { ...ids, ...idsOf(step, answer) };
      options.onOutcome({ step });
    } catch (thrown) {
      if (!(thrown instanceof AzRefusal)) throw thrown;
      const error = explain(step, thrown, options.consentUrl(ids));
      options.onOutcome({ step, error });
      if (step.isOptional !== true) throw error;
      refused.push(error);
    }
  }
  return { ids, refused };
}
