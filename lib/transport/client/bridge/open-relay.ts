import { AppError } from "../../../base/errors.ts";
import { type JsonObject, toJsonObject } from "../../../base/json.ts";
import { DowngradingRelay } from "./downgrading-relay.ts";
import { LegacyRelay } from "./legacy-relay.ts";
import type { Call, Outcome } from "./message.ts";
import { ModernRelay } from "./modern-relay.ts";
import { ModernServer } from "./modern-server.ts";
import type { OpenedRelay, RelayEnds } from "./relay.ts";
import { metaOf, modernRevision } from "./revisions.ts";
import { discoverFor, UpgradingRelay } from "./upgrading-relay.ts";

const handshakeLimits = { idleTimeoutMs: 60_000, maxTimeMs: 60_000 };
const unsupportedVersion = -32_022;

/** Whether an error says that the server does not speak this family, and not that it cannot be used at all. */
function isAboutRevision(thrown: unknown): thrown is AppError {
  return thrown instanceof AppError && ["not_mcp", "protocol_error"].includes(thrown.code);
}

/** What came of an attempt in one family; an error of ours only where the other family may be tried. */
async function attempt<T>(work: () => Promise<T>): Promise<T | AppError> {
  try {
    return await work();
  } catch (thrown) {
    if (isAboutRevision(thrown)) return thrown;
    throw thrown;
  }
}

function supportsModern(versions: unknown): boolean {
  return Array.isArray(versions) && versions.includes(modernRevision);
}

function discover(server: ModernServer, call: Call, signal: AbortSignal): Promise<Outcome | AppError> {
  return attempt(() => server.request(call, { signal, limits: handshakeLimits, onMessage() {} }));
}

function discoveredBy(outcome: Outcome | AppError): JsonObject | undefined {
  if (outcome instanceof AppError || "error" in outcome) return undefined;
  return supportsModern(outcome.result["supportedVersions"]) ? outcome.result : undefined;
}

/** Whether the server speaks the modern family, but not the revision that was asked for. */
function wantsOtherRevision(outcome: Outcome | AppError): outcome is Outcome {
  if (outcome instanceof AppError || "result" in outcome) return false;
  const { code, data } = outcome.error;
  return code === unsupportedVersion && supportsModern(toJsonObject(data)["supported"]);
}

/**
 * Opens a relay for a host that shakes hands. The older family is tried first: where the server speaks it, everything
 * goes through as it is.
 *
 * @throws what says nothing about the revision: no sign-in, no way to the server
 */
export async function openForLegacyHost(
  ends: RelayEnds,
  initialize: Call,
  signal: AbortSignal,
): Promise<OpenedRelay> {
  const legacy = await attempt(() => LegacyRelay.open(ends, initialize, signal));
  if (!(legacy instanceof AppError) && legacy.relay) return legacy;
  const server = new ModernServer(ends.http);
  const discovered = discoveredBy(await discover(server, discoverFor(initialize), signal));
  if (discovered) return UpgradingRelay.open(ends, server, { initialize, discovered });
  if (legacy instanceof AppError) throw legacy;
  return legacy;
}

/**
 * Opens a relay for a host of the modern revision, whose first request says what it can do. The modern family is
 * tried first.
 *
 * @returns with an outcome that is the answer to `server/discover`, or to the failed attempt
 * @throws as {@link openForLegacyHost}
 */
export async function openForModernHost(
  ends: RelayEnds,
  first: Call,
  signal: AbortSignal,
): Promise<OpenedRelay> {
  const server = new ModernServer(ends.http);
  const isDiscover = first.method === "server/discover";
  const asked = isDiscover ? first : { method: "server/discover", params: { _meta: metaOf(first) } };
  const modern = await discover(server, asked, signal);
  if (discoveredBy(modern) && !(modern instanceof AppError)) {
    return { relay: new ModernRelay(ends, server), answers: isDiscover, outcome: modern };
  }
  if (wantsOtherRevision(modern)) return { relay: undefined, answers: true, outcome: modern };
  const legacy = await attempt(() => DowngradingRelay.open(ends, first, signal));
  if (!(legacy instanceof AppError) && legacy.relay) return legacy;
  if (modern instanceof AppError) throw modern;
  return { relay: undefined, answers: true, outcome: modern };
}
