import { type Refused, refuse } from "./aadsts.ts";
import { apiClientId, publicClientId } from "./registration.ts";

/** A request to one of Entra's endpoints, read. */
export interface EntraRequest {
  /** The form of a POST, empty otherwise. Each parameter stands there once. */
  readonly form: ReadonlyMap<string, string>;
  /** As it was asked for. */
  readonly url: URL;
  /** `Origin` of a page that sent it; undefined for programs. */
  readonly origin: string | undefined;
  /** From `client-request-id`, else a new one. */
  readonly correlationId: string;
  /** Fires when the client goes away or the dev tenant stops. */
  readonly signal: AbortSignal;
}

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The caller's `client-request-id` where it is a GUID, else a new one. */
export function findCorrelationId(...candidates: (string | null | undefined)[]): string {
  return candidates.find((value) => value && guid.test(value)) ?? crypto.randomUUID();
}

/**
 * Reads a form. Another content type counts as an empty one, as at Entra: then a parameter is missing.
 * The server caps the body (413).
 */
export async function readForm(request: Request): Promise<ReadonlyMap<string, string> | Refused> {
  const form = new Map<string, string>();
  const contentType = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  const text = await request.text();
  if (contentType !== "application/x-www-form-urlencoded") return form;
  for (const [name, value] of new URLSearchParams(text)) {
    // RFC 6749 section 3.2: parameters must not be included more than once.
    if (form.has(name)) return refuse("duplicate_parameter", { parameter: name });
    form.set(name, value);
  }
  return form;
}

/** A parameter that must be there and not empty. */
export function requireParameter(form: ReadonlyMap<string, string>, parameter: string): string | Refused {
  return form.get(parameter) || refuse("missing_parameter", { parameter });
}

/** The `client_id`, or why this application may not ask: it is unknown, or it is the API itself. */
export function requirePublicClient(form: ReadonlyMap<string, string>): string | Refused {
  const clientId = requireParameter(form, "client_id");
  if (typeof clientId !== "string") return clientId;
  const lower = clientId.toLowerCase();
  if (lower === apiClientId) return refuse("client_secret_required");
  return lower === publicClientId ? publicClientId : refuse("unknown_application", { client: clientId });
}
