import { sleep } from "../base/abort.ts";
import { isRefused, type Refused, refuse } from "./aadsts.ts";
import { answerJson, answerRefusal, answerText } from "./answer.ts";
import { answerControl } from "./control-endpoint.ts";
import { answerAuthorize, takeAuthorizeDecision } from "./authorize-endpoint.ts";
import { answerCodePage, takeCode, takeDecision } from "./device-login.ts";
import { beginDeviceCode } from "./devicecode-endpoint.ts";
import { answerConfigurationV1, answerConfigurationV2, answerInstance } from "./discovery.ts";
import { type EntraRequest, findCorrelationId, readForm } from "./entra-request.ts";
import { allowOrigin, answerPreflight, isSpaOrigin } from "./cross-origin.ts";
import { answerKeys, answerMovedKeys, movedKeysPath } from "./keys-endpoint.ts";
import { answerLogout } from "./logout-endpoint.ts";
import { guardLoopback } from "./loopback-guard.ts";
import { tenantDomain, tenantId } from "./registration.ts";
import type { TenantState } from "./tenant-state.ts";
import { redeemToken } from "./token-endpoint.ts";

/** An endpoint below `/{tenant}`: a page or a document to GET, or a form to POST and the outcome as an object. */
type Endpoint =
  | { readonly page: (state: TenantState, url: URL) => Response }
  | { readonly get: (state: TenantState, request: EntraRequest) => Response | Promise<Response> }
  | { readonly post: (state: TenantState, request: EntraRequest) => object | Promise<object> };

/** The one endpoint to which pages of other origins may post. */
const tokenPath = "/oauth2/v2.0/token";

const tenantEndpoints: ReadonlyMap<string, Endpoint> = new Map<string, Endpoint>([
  ["/v2.0/.well-known/openid-configuration", { get: answerConfigurationV2 }],
  ["/.well-known/openid-configuration", { get: answerConfigurationV1 }],
  ["/discovery/v2.0/keys", { get: answerKeys }],
  ["/discovery/keys", { get: answerKeys }],
  [movedKeysPath, { get: answerMovedKeys }],
  ["/oauth2/v2.0/authorize", { page: answerAuthorize }],
  ["/oauth2/v2.0/devicecode", { post: beginDeviceCode }],
  ["/oauth2/v2.0/logout", { page: answerLogout }],
  [tokenPath, { post: redeemToken }],
]);

type PageEndpoint = (state: TenantState, request: Request) => Response | Promise<Response>;

const pages: ReadonlyMap<string, PageEndpoint> = new Map<string, PageEndpoint>([
  ["GET /devicelogin", answerCodePage],
  ["POST /devicelogin", takeCode],
  ["POST /devicelogin/decision", takeDecision],
  ["POST /authorize/decision", takeAuthorizeDecision],
]);

async function runEndpoint(
  state: TenantState,
  endpoint: Endpoint,
  request: EntraRequest,
): Promise<Response | Refused> {
  if ("page" in endpoint) return endpoint.page(state, request.url);
  if ("get" in endpoint) return endpoint.get(state, request);
  const outcome = await endpoint.post(state, request);
  return isRefused(outcome) ? outcome : answerJson(outcome);
}

function checkTenantAndMethod(request: Request, tenant: string, endpoint: Endpoint): Refused | undefined {
  const known = tenant.toLowerCase() === tenantId || tenant.toLowerCase() === tenantDomain;
  if (!known) return refuse("unknown_tenant", { tenant });
  const isWrong = "post" in endpoint && request.method !== "POST";
  return isWrong ? refuse("post_only", { method: request.method }) : undefined;
}

async function answerEntra(
  state: TenantState,
  request: Request,
  { tenant, endpoint }: { readonly tenant: string; readonly endpoint: Endpoint },
): Promise<Response> {
  if (!("post" in endpoint) && request.method !== "GET") {
    return answerText("This document can only be read.", 405, { Allow: "GET" });
  }
  const signal = AbortSignal.any([request.signal, state.stopped]);
  const form = request.method === "POST" ? await readForm(request) : new Map<string, string>();
  await sleep(state.faults.settings.delayMs, { signal });
  const sent = isRefused(form) ? undefined : form.get("client-request-id");
  const correlationId = findCorrelationId(request.headers.get("client-request-id"), sent);
  const url = new URL(request.url);
  const origin = request.headers.get("origin") ?? undefined;
  const refused = checkTenantAndMethod(request, tenant, endpoint);
  const outcome =
    refused ??
    (isRefused(form)
      ? form
      : await runEndpoint(state, endpoint, { form, correlationId, signal, url, origin }));
  return isRefused(outcome) ? answerRefusal(outcome.refusal, { ...state, correlationId }) : outcome;
}

async function answerTenant(state: TenantState, request: Request, pathname: string): Promise<Response> {
  // The v1.0 issuer has a host of its own at Entra; here it is a path, and serves the same documents.
  const [, tenant = "", rest = ""] = /^(?:\/sts)?\/([^/]+)(\/.*)$/.exec(pathname) ?? [];
  const endpoint = tenantEndpoints.get(rest);
  return endpoint
    ? answerEntra(state, request, { tenant, endpoint })
    : answerText("There is nothing here.", 404);
}

/** Answers any request to the dev tenant. */
export async function route(state: TenantState, request: Request): Promise<Response> {
  // Under a bad Host it is no URL; the guard refuses that.
  const pathname = URL.parse(request.url)?.pathname ?? "";
  const origin = request.headers.get("origin");
  const spaOrigin = pathname.endsWith(tokenPath) && isSpaOrigin(state, origin) ? origin : undefined;
  const refused = guardLoopback(request, spaOrigin);
  if (refused) return refused;
  const page = pages.get(`${request.method} ${pathname}`);
  if (page) return page(state, request);
  if (pathname.startsWith("/control/")) return answerControl(state, request, pathname.slice(9));
  if (pathname === "/common/discovery/instance") return answerInstance(state);
  if (spaOrigin === undefined) return answerTenant(state, request, pathname);
  if (request.method === "OPTIONS") return answerPreflight(request, spaOrigin);
  return allowOrigin(await answerTenant(state, request, pathname), spaOrigin);
}
