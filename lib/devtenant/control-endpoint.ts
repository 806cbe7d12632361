import { timingSafeEqual } from "node:crypto";
import { answerJson, answerText } from "./answer.ts";
import type { Federation } from "./daemon-credentials.ts";
import { type FaultSettings, findBadFault } from "./fault-settings.ts";
import { mintAccessToken } from "./mint-token.ts";
import { daemonClientId } from "./registration.ts";
import type { TenantState } from "./tenant-state.ts";
import { findBadOverride } from "./token-overrides.ts";

type JsonObject = Readonly<Record<string, unknown>>;

/** Hashed first, so that the comparison takes the same time whatever the lengths. */
function isSame(given: string, expected: string): boolean {
  const [a, b] = [given, expected].map((text) => new Bun.CryptoHasher("sha256").update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}

function isAuthorized(state: TenantState, request: Request): boolean {
  const given = request.headers.get("authorization") ?? "";
  return state.controlKey !== undefined && isSame(given, `Bearer ${state.controlKey}`);
}

async function readObject(request: Request): Promise<JsonObject | undefined> {
  try {
    const body: unknown = JSON.parse(await request.text());
    return typeof body === "object" && body !== null && !Array.isArray(body)
      ? (body as JsonObject)
      : undefined;
  } catch {
    return undefined;
  }
}

const notFound = () => answerText("There is nothing here.", 404);
const badMember = (name: string) => answerJson({ error: "bad_member", member: name.slice(0, 80) }, 400);

/** `rolloverKeys` is an act and not a setting: `keep` leaves the old key published, `withdraw` removes it. */
async function changeFaults(state: TenantState, body: JsonObject): Promise<Response> {
  const { rolloverKeys, ...settings } = body;
  const bad = findBadFault(settings);
  if (bad !== undefined) return badMember(bad);
  if (rolloverKeys !== undefined && rolloverKeys !== "keep" && rolloverKeys !== "withdraw") {
    return badMember("rolloverKeys");
  }
  // findBadFault found every member known and in bounds.
  state.faults.set(settings as Partial<FaultSettings>);
  if (rolloverKeys) await state.keys.rollover({ withdrawPrevious: rolloverKeys === "withdraw" });
  return answerJson(state.faults.settings);
}

async function mintToken(state: TenantState, body: JsonObject): Promise<Response> {
  const bad = findBadOverride(body);
  if (bad !== undefined) return badMember(bad);
  // findBadOverride found every member known and in bounds.
  return answerJson({ access_token: await mintAccessToken(state, body) });
}

interface DaemonChange {
  readonly certificate?: unknown;
  readonly federation?: unknown;
}

/** Lets the daemon in by one more way, and says how it gets in anyway. */
async function changeDaemon({ daemon }: TenantState, body: JsonObject): Promise<Response> {
  const { certificate, federation }: DaemonChange = body;
  try {
    if (typeof certificate === "string") daemon.addCertificate(certificate);
  } catch {
    return badMember("certificate");
  }
  // Reached with the control key only: a test that sends nonsense finds no federation.
  if (federation !== undefined) daemon.addFederation(federation as Federation);
  return answerJson({ client_id: daemonClientId, client_secret: daemon.secret });
}

async function withBody(
  request: Request,
  answer: (body: JsonObject) => Promise<Response>,
): Promise<Response> {
  const body = await readObject(request);
  return body ? answer(body) : answerJson({ error: "bad_json" }, 400);
}

/**
 * Answers a request of a test that steers the dev tenant from another process: `POST /control/faults` with
 * {@link FaultSettings} and `rolloverKeys`, `DELETE /control/faults`, `POST /control/tokens` with token
 * overrides, `POST /control/daemon` with `certificate` (PEM) or `federation`, `GET /control/counts`, `GET /control/secrets` (a search proves something only while `forgotten` is 0). Without the control key all of it is 404.
 */
export async function answerControl(state: TenantState, request: Request, name: string): Promise<Response> {
  if (!isAuthorized(state, request)) return notFound();
  switch (`${request.method} ${name}`) {
    case "GET counts":
      return answerJson(state.counts);
    case "GET secrets":
      return answerJson({ secrets: state.secrets.all(), forgotten: state.secrets.forgotten });
    case "DELETE faults":
      state.faults.clear();
      return answerJson(state.faults.settings);
    case "POST faults":
      return withBody(request, (body) => changeFaults(state, body));
    case "POST daemon":
      return withBody(request, (body) => changeDaemon(state, body));
    case "POST tokens":
      return withBody(request, (body) => mintToken(state, body));
    default:
      return notFound();
  }
}
