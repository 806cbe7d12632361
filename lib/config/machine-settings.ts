import { AppError } from "../base/errors.ts";
import type { machineOptions } from "./machine-options.ts";
import type { oauthOptions } from "./oauth-options.ts";
import type { Origin, Resolved } from "./option.ts";

type MachineSchema = typeof machineOptions & Pick<typeof oauthOptions, "clientSecretFile">;

/** By what an application shows who it is. */
export type MachineCredential =
  | { readonly kind: "secret"; readonly secret: string }
  | { readonly kind: "secret_file" | "certificate" | "federated"; readonly path: string }
  /** Without a client id the system's. */
  | { readonly kind: "managed_identity"; readonly clientId: string | undefined };

interface Given {
  readonly origin: Origin;
  readonly credential: MachineCredential;
}

/** The flag `--client-secret-file` is shared with OAuth, its variable is not. */
function listGiven({ values, origins }: Resolved<MachineSchema>): readonly Given[] {
  const { entraClientSecret, clientCertificate, federatedTokenFile, managedIdentity } = values;
  const secretFile = origins.clientSecretFile.kind === "flag" ? values.clientSecretFile : undefined;
  const given: (Given | undefined)[] = [
    entraClientSecret === undefined
      ? undefined
      : { origin: origins.entraClientSecret, credential: { kind: "secret", secret: entraClientSecret } },
    secretFile === undefined
      ? undefined
      : { origin: origins.clientSecretFile, credential: { kind: "secret_file", path: secretFile } },
    clientCertificate === undefined
      ? undefined
      : { origin: origins.clientCertificate, credential: { kind: "certificate", path: clientCertificate } },
    federatedTokenFile === undefined
      ? undefined
      : { origin: origins.federatedTokenFile, credential: { kind: "federated", path: federatedTokenFile } },
    managedIdentity === undefined
      ? undefined
      : {
          origin: origins.managedIdentity,
          credential: {
            kind: "managed_identity",
            clientId: managedIdentity === "system" ? undefined : managedIdentity,
          },
        },
  ];
  return given.filter((one) => one !== undefined);
}

/**
 * How an application signs in as itself, or nothing where a person does; a flag beats the variables.
 *
 * @throws `usage` where several ways are given
 */
export function readMachineCredential(settings: Resolved<MachineSchema>): MachineCredential | undefined {
  const given = listGiven(settings);
  const flags = given.filter(({ origin }) => origin.kind === "flag");
  const chosen = flags.length > 0 ? flags : given;
  if (chosen.length <= 1) return chosen[0]?.credential;
  const names = chosen.map(({ origin }) => origin.name).join(" and ");
  throw new AppError("usage", `Each of ${names} is a way to sign in by itself.`, {
    hint: "Give one of them; a flag wins over variables.",
  });
}
