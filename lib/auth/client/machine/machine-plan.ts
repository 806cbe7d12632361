import { AppError } from "../../../base/errors.ts";
import type { MachineCredential } from "../../../config/machine-settings.ts";
import type { SignInSettings } from "../destination.ts";

/** Stands for the tenant, which the machine knows and we need not. */
const managedIdentityTenant = "managed_identity";

/**
 * The settings by which an application signs in as itself. What the server names is a public client, so the
 * application's own id is never discovered; a managed identity needs neither it nor the tenant.
 *
 * @throws `invalid_config` without a client id
 */
export function settingsOfMachine<S extends SignInSettings>(settings: S, machine: MachineCredential): S {
  const { values } = settings;
  if (machine.kind === "managed_identity") {
    const clientId = machine.clientId ?? "system";
    return { ...settings, values: { ...values, tenantId: managedIdentityTenant, clientId } };
  }
  if (values.clientId !== undefined) return settings;
  throw new AppError("invalid_config", "An application that signs in as itself needs its client id.", {
    hint: "Give --client-id or set ENTRA_CLIENT_ID.",
  });
}
