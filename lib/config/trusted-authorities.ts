import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { getCACertificates } from "node:tls";
import { AppError } from "../base/errors.ts";
import { quote } from "../base/text.ts";

function createError(path: string, fault: string): AppError {
  return new AppError("invalid_config", `The certificates in the file ${quote(path, 200)} ${fault}.`, {
    hint: "--ca-cert takes a PEM file: -----BEGIN CERTIFICATE----- and so on.",
  });
}

function readCertificates(path: string): readonly string[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
    throw createError(path, `cannot be read (${code})`);
  }
  const found = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
  if (!found) throw createError(path, "are missing");
  try {
    return found.map((pem) => new X509Certificate(pem).toString());
  } catch {
    throw createError(path, "cannot be read");
  }
}

/**
 * Lets every request of this process trust further authorities, MSAL's and the SDK's too. Bun 1.4.5 reads
 * `NODE_EXTRA_CA_CERTS` only from the environment that the process began with, and its fetch does not know
 * `tls.setDefaultCACertificates`; so each request is given all certificates (look again at the next Bun).
 *
 * @param path a PEM file
 * @throws `invalid_config`
 */
export function trustAuthorities(path: string): void {
  const ca = [...getCACertificates("default"), ...readCertificates(path)];
  const original = globalThis.fetch;
  const fetchTrusting = (input: string | URL | Request, init?: BunFetchRequestInit) =>
    original(input, { ...init, tls: { ...init?.tls, ca } });
  globalThis.fetch = Object.assign(fetchTrusting, { preconnect: original.preconnect });
}
