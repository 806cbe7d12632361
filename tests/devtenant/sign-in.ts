import type { Clock } from "../../lib/base/clock.ts";
import type { DevTenant } from "../../lib/devtenant/start.ts";

/** An object from JSON. */
export type Json = Readonly<Record<string, unknown>>;

/** A clock that stands still until it is moved. */
export class ManualClock implements Clock {
  #nowMs = Date.UTC(2026, 0, 2, 3, 4, 5);

  nowMs(): number {
    return this.#nowMs;
  }

  advanceSeconds(seconds: number): void {
    this.#nowMs += seconds * 1000;
  }
}

/** Form fields; an undefined one is left out. */
export type Fields = Readonly<Record<string, string | undefined>>;

export const deviceCodeGrant = "urn:ietf:params:oauth:grant-type:device_code";

/** Posts a form. */
export function postForm(url: string, fields: Fields, headers: Record<string, string> = {}) {
  const given = Object.entries(fields).filter((field): field is [string, string] => field[1] !== undefined);
  return fetch(url, { method: "POST", body: new URLSearchParams(given), headers });
}

/** Posts a form to an endpoint below `/{tenant}/oauth2/v2.0/`. */
export function postEntra(tenant: DevTenant, endpoint: "devicecode" | "token", fields: Fields) {
  return postForm(`${tenant.origin}/${tenant.tenantId}/oauth2/v2.0/${endpoint}`, {
    client_id: tenant.publicClientId,
    ...fields,
  });
}

export async function readJson(response: Response): Promise<Json> {
  return (await response.json()) as Json;
}

/** The scopes that MSAL asks for. */
export const msalScope = (tenant: DevTenant) => `${tenant.scope} openid profile offline_access`;

/** Opens a sign-in. */
export async function begin(tenant: DevTenant, scope = msalScope(tenant)) {
  const answer = await readJson(await postEntra(tenant, "devicecode", { scope }));
  return { deviceCode: String(answer["device_code"]), userCode: String(answer["user_code"]), answer };
}

/** Acts as the person. */
export function decide(tenant: DevTenant, fields: Fields) {
  return postForm(`${tenant.devicePageUrl}/decision`, { decision: "approve", person: "ada", ...fields });
}

/** Polls once. */
export function poll(tenant: DevTenant, deviceCode: string, fields: Fields = {}) {
  return postEntra(tenant, "token", { grant_type: deviceCodeGrant, device_code: deviceCode, ...fields });
}

/** Signs a person in and gives the token answer. */
export async function signIn(tenant: DevTenant, person = "ada", scope?: string): Promise<Json> {
  const { deviceCode, userCode } = await begin(tenant, scope);
  await decide(tenant, { user_code: userCode, person });
  return readJson(await poll(tenant, deviceCode, { client_info: "1" }));
}

/** Refreshes once. */
export function refresh(tenant: DevTenant, refreshToken: unknown, fields: Fields = {}) {
  return postEntra(tenant, "token", {
    grant_type: "refresh_token",
    refresh_token: String(refreshToken),
    ...fields,
  });
}

/** Status, `error`, AADSTS number and the number in the text of an answer. */
export async function readRefusal(response: Response) {
  const body = await readJson(response);
  const inText = /^AADSTS(\d+): /.exec(String(body["error_description"]))?.[1];
  return {
    status: response.status,
    error: body["error"],
    codes: body["error_codes"],
    inText: Number(inText),
  };
}

/** What {@link readRefusal} gives for a refusal. */
export function refusal(status: number, error: string, code: number) {
  return { status, error, codes: [code], inText: code };
}
