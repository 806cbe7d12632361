import type { Abortable } from "../base/abort.ts";
import { AppError } from "../base/errors.ts";
import { toJsonObject } from "../base/json.ts";
import { quote } from "../base/text.ts";
import { isGuid } from "../config/shared-options.ts";
import { AzRefusal } from "./az-failure.ts";
import { clouds, type CloudName } from "./graph.ts";
import type { RunAz } from "./run-az.ts";

/** Whom the Azure CLI acts as. */
export interface AzAccount {
  /** GUID, lower case. */
  readonly tenantId: string;
  /** Of the person or application; other people's text. */
  readonly user: string;
}

async function show(runAz: RunAz, options: Abortable): Promise<Readonly<Record<string, unknown>>> {
  try {
    return toJsonObject(await runAz(["account", "show"], options));
  } catch (thrown) {
    // With nobody signed in this command has no other way to fail.
    if (!(thrown instanceof AzRefusal)) throw thrown;
    throw new AppError("sign_in_required", "Nobody is signed in to the Azure CLI.", {
      hint: "Run az login --allow-no-subscriptions, then this command again.",
    });
  }
}

function wrongTenant(wanted: string, found: string): AppError {
  const said = `The Azure CLI is signed in to the tenant ${found}, not to ${quote(wanted)}.`;
  return new AppError("az_wrong_tenant", said, {
    hint: `Run az login --tenant ${wanted} --allow-no-subscriptions; or leave --tenant-id out to use ${found}.`,
  });
}

function wrongCloud(wanted: CloudName): AppError {
  const { azName } = clouds[wanted];
  return new AppError(
    "az_wrong_tenant",
    `The Azure CLI is not set to the cloud ${azName} (--cloud ${wanted}).`,
    {
      hint: `Run az cloud set --name ${azName}, az login, then this command again.`,
    },
  );
}

/**
 * Reads whom the Azure CLI acts as, and checks that it is in the right tenant.
 *
 * @param wanted.tenant GUID or default domain; undefined takes the tenant that it is signed in to
 * @throws `sign_in_required`, `az_wrong_tenant`
 * @see Azure CLI: "az account show"
 */
export async function readAzAccount(
  runAz: RunAz,
  wanted: { readonly tenant: string | undefined; readonly cloud: CloudName },
  options: Abortable,
): Promise<AzAccount> {
  const account = await show(runAz, options);
  const { tenantId, tenantDefaultDomain: domain, environmentName, user } = account;
  if (typeof tenantId !== "string" || !isGuid(tenantId)) {
    throw new AppError("server_failed", "The Azure CLI does not say which tenant it is signed in to.", {
      hint: "Run az account show to see, and az login to choose one.",
    });
  }
  if (environmentName !== clouds[wanted.cloud].azName) throw wrongCloud(wanted.cloud);
  const names = [tenantId, domain].map((name) => String(name).toLowerCase());
  if (wanted.tenant !== undefined && !names.includes(wanted.tenant.toLowerCase())) {
    throw wrongTenant(wanted.tenant, tenantId);
  }
  const { name } = toJsonObject(user);
  return { tenantId: tenantId.toLowerCase(), user: typeof name === "string" ? name : "" };
}
