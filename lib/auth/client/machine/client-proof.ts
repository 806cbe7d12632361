import type { Clock } from "../../../base/clock.ts";
import type { MachineCredential } from "../../../config/machine-settings.ts";
import type { ClientProof } from "../msal-application.ts";
import { parseClientCertificate } from "./client-certificate.ts";
import { createCredentialFileError, readCredentialFile } from "./credential-file.ts";

/** Every way but the managed identity, which needs no proof. */
export type ClientCredential = Exclude<MachineCredential, { readonly kind: "managed_identity" }>;

/**
 * Reads what an application shows who it is with, anew each time: secrets and federated tokens change.
 *
 * @throws `invalid_config`
 */
export async function readClientProof(credential: ClientCredential, clock: Clock): Promise<ClientProof> {
  switch (credential.kind) {
    case "secret":
      return { clientSecret: credential.secret };
    case "secret_file": {
      const file = { path: credential.path, content: "The client secret", isPrivate: true };
      return { clientSecret: await readCredentialFile(file) };
    }
    case "certificate": {
      const file = { path: credential.path, content: "The client certificate", isPrivate: true };
      return { clientCertificate: parseClientCertificate(await readCredentialFile(file), file, clock) };
    }
    case "federated": {
      // It is short-lived and the platform's: whom it lets read it is not ours to say.
      const file = { path: credential.path, content: "The federated token", isPrivate: false };
      const clientAssertion = await readCredentialFile(file);
      if (/^[\w-]+\.[\w-]+\.[\w-]+$/.test(clientAssertion)) return { clientAssertion };
      throw createCredentialFileError(
        file,
        "is no JWT",
        "Name the file in which the platform puts the token.",
      );
    }
  }
}
