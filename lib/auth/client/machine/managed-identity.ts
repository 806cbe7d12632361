import { AsyncLocalStorage } from "node:async_hooks";
import type { INetworkModule } from "@azure/msal-node";
import type { Abortable } from "../../../base/abort.ts";
import { AppError } from "../../../base/errors.ts";
import { type Fetch, fetchJson, isRecord } from "../fetch-json.ts";
import { createMsalNetwork, type GetHandler } from "../msal-network.ts";
import type { AccessToken } from "../token-source.ts";

/**
 * MSAL 7.2.1 keeps the first application's network for all later ones of the process (`identitySource` in its
 * ManagedIdentityClient; look again at the next major). So every application gets this one, which finds that of the
 * request it is used for.
 */
const networkOfRequest = new AsyncLocalStorage<INetworkModule>();

function findNetwork(): INetworkModule {
  const network = networkOfRequest.getStore();
  if (network) return network;
  throw new AppError("unexpected", "A managed identity was asked outside of a request.");
}

const sharedNetwork: INetworkModule = {
  sendGetRequestAsync: (...request) => findNetwork().sendGetRequestAsync(...request),
  sendPostRequestAsync: (...request) => findNetwork().sendPostRequestAsync(...request),
};

/** Azure's endpoints are on the machine or one hop away. */
const timeoutMs = 5000;
const maxBytes = 64 * 1024;

/** Which identity is asked for a token for which API. */
export interface ManagedIdentityRequest extends Abortable {
  /** Absent: the system's. */
  readonly clientId: string | undefined;
  /** `<resource>/.default` */
  readonly scope: string;
  /** Ask the machine and not MSAL's memory. */
  readonly isForced: boolean;
  readonly claims?: string | undefined;
  readonly fetch?: Fetch | undefined;
}

const hint =
  "It exists on Azure only; it must be turned on there, and a user-assigned one be named by its client id.";

/** Azure Arc answers 401 first and names a file; MSAL knows what to do then. All other errors end here. */
function createGet({ signal, fetch }: ManagedIdentityRequest): GetHandler {
  return async (url, headers) => {
    const party = "The managed identity endpoint";
    const answer = await fetchJson(url, { signal, fetch, headers, timeoutMs, maxBytes, party }).catch(
      (error: unknown) => {
        if (!(error instanceof AppError)) throw error;
        const message = "This machine has no managed identity that answers.";
        throw new AppError(error.code, message, { hint, cause: error });
      },
    );
    const { status, body } = answer;
    if (status === 429 || status >= 500) {
      throw new AppError("server_failed", `${party} failed with status ${status}.`, {
        hint: "Try again later.",
      });
    }
    if (isRecord(body) && (status === 200 || status === 401)) {
      return { status, headers: Object.fromEntries(answer.headers), body };
    }
    throw new AppError("sign_in_failed", `${party} refuses a token (status ${status}).`, {
      hint: "Check --managed-identity and --scope; the API must exist in the machine's tenant.",
    });
  };
}

/**
 * Gets a token from the managed identity of this machine: virtual machine, App Service, Functions, Container Apps,
 * Arc, Service Fabric. MSAL keeps it in memory; Azure remembers it, too, so that no file need hold it.
 *
 * @throws `sign_in_failed`, `unreachable`, `timeout`, `server_failed`
 */
export async function getManagedIdentityToken(request: ManagedIdentityRequest): Promise<AccessToken> {
  const { ManagedIdentityApplication } = await import("@azure/msal-node");
  const { clientId, scope, isForced, claims, signal } = request;
  const noPost = () => Promise.reject(new Error("Nothing is posted."));
  const network = createMsalNetwork(noPost, { signal }, createGet(request));
  const result = await network.run(() => {
    const application = new ManagedIdentityApplication({
      ...(clientId === undefined ? {} : { managedIdentityIdParams: { userAssignedClientId: clientId } }),
      system: {
        networkClient: sharedNetwork,
        disableInternalRetries: true,
        loggerOptions: { loggerCallback() {}, piiLoggingEnabled: false },
      },
    });
    const resource = scope.slice(0, -"/.default".length);
    const asked = { resource, forceRefresh: isForced, ...(claims === undefined ? {} : { claims }) };
    return networkOfRequest.run(network.module, () => application.acquireToken(asked));
  });
  const value = result.accessToken;
  if (/^[\x21-\x7e]+$/.test(value)) {
    return { value, expiresAtSeconds: Math.floor((result.expiresOn?.getTime() ?? 0) / 1000) };
  }
  throw new AppError("sign_in_failed", "The managed identity endpoint gave no access token.", { hint });
}
