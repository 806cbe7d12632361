import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import type { Clock } from "../../../base/clock.ts";
import { createCredentialFileError, type CredentialFile } from "./credential-file.ts";

/** A certificate as MSAL takes it. */
export interface ClientCertificate {
  /** SHA-256 of the certificate, in hexadecimal. */
  readonly thumbprintSha256: string;
  /** PEM. */
  readonly privateKey: string;
}

const minBits = 2048;

function readCertificate(text: string, file: CredentialFile): X509Certificate {
  const [pem] = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(text) ?? [];
  const hint = "The file holds certificate and private key as PEM, the application's certificate first.";
  if (pem === undefined) throw createCredentialFileError(file, "is missing", hint);
  try {
    return new X509Certificate(pem);
  } catch {
    throw createCredentialFileError(file, "cannot be read", hint);
  }
}

function readKey(text: string, file: CredentialFile): KeyObject {
  const [pem] =
    /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----[^]+?-----END (?:[A-Z]+ )?PRIVATE KEY-----/.exec(text) ?? [];
  const hint = "Append the private key as PEM, without a password: openssl pkey -in KEY.";
  if (pem === undefined) throw createCredentialFileError(file, "has no private key that can be used", hint);
  try {
    return createPrivateKey(pem);
  } catch {
    throw createCredentialFileError(file, "has a private key that cannot be read", hint);
  }
}

/**
 * Takes certificate and key out of a PEM file's text.
 *
 * @throws `invalid_config` for a certificate that Entra would refuse: expired, of another key, not RSA
 */
export function parseClientCertificate(text: string, file: CredentialFile, clock: Clock): ClientCertificate {
  const certificate = readCertificate(text, file);
  const key = readKey(text, file);
  if (key.asymmetricKeyType !== "rsa" || (key.asymmetricKeyDetails?.modulusLength ?? 0) < minBits) {
    throw createCredentialFileError(file, "has no RSA key of 2048 bits or more", "Entra ID takes no other.");
  }
  if (!certificate.checkPrivateKey(key)) {
    throw createCredentialFileError(
      file,
      "does not belong to the private key beside it",
      "Name the right pair.",
    );
  }
  const [fromMs, toMs] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)];
  if (clock.nowMs() < fromMs || clock.nowMs() > toMs) {
    const day = new Date(clock.nowMs() < fromMs ? fromMs : toMs).toISOString().slice(0, 10);
    const fault = clock.nowMs() < fromMs ? `is good only from ${day} on` : `expired on ${day}`;
    throw createCredentialFileError(file, fault, "Check this machine's clock, or make a new certificate.");
  }
  return {
    thumbprintSha256: certificate.fingerprint256.replaceAll(":", ""),
    privateKey: key.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}
