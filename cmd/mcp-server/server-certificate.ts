import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { isIP } from "node:net";
import { type Clock, systemClock } from "../../lib/base/clock.ts";
import { AppError } from "../../lib/base/errors.ts";
import type { Log } from "../../lib/base/log.ts";
import { quote } from "../../lib/base/text.ts";
import type { ServerSettings } from "../../lib/config/mcp-server.ts";

/** Larger files are no certificates. */
const maxBytes = 1024 * 1024;
const dayMs = 86_400_000;
/** Whoever renews by hand wants to know in time. */
const warnDays = 14;
const minRsaBits = 2048;

/** A certificate with its intermediate ones, and its key, as PEM. */
export interface ServerCertificate {
  readonly cert: string;
  readonly key: string;
}

function invalid(message: string, hint?: string, cause?: unknown): AppError {
  return new AppError("invalid_config", message, { ...(hint !== undefined && { hint }), cause });
}

function readPem(path: string, flag: string): string {
  try {
    const stats = statSync(path);
    if (!stats.isFile() || stats.size > maxBytes) throw invalid(`${flag} names no file of at most 1 MiB.`);
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof AppError) throw error;
    const hint = "Check that it exists and that this account may read it.";
    throw invalid(`${flag}: the file ${quote(path, 200)} cannot be read.`, hint, error);
  }
}

function parseCertificate(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw invalid("--tls-cert holds no certificate.", "It begins with -----BEGIN CERTIFICATE-----.", error);
  }
}

/** What the parser says of a key that it cannot read may show parts of it: that is not passed on. */
function parseKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    throw invalid(
      "--tls-key holds no private key without a passphrase.",
      "Take the passphrase off with: openssl pkey -in KEY -out KEY-WITHOUT",
    );
  }
}

/** Browsers and current TLS libraries refuse what is shorter: the server would start, and nobody could connect. */
function checkStrength(key: KeyObject): void {
  const bits = key.asymmetricKeyType === "rsa" ? key.asymmetricKeyDetails?.modulusLength : undefined;
  if (bits === undefined || bits >= minRsaBits) return;
  throw invalid(`--tls-key is an RSA key of ${bits} bits; it needs at least ${minRsaBits}.`);
}

function checkTimes(certificate: X509Certificate, { clock, log }: CertificateOptions): void {
  const nowMs = (clock ?? systemClock).nowMs();
  const [fromMs, toMs] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)];
  if (nowMs > toMs) throw invalid(`The certificate of --tls-cert expired on ${certificate.validTo}.`);
  if (nowMs < fromMs) {
    const hint = "Is this machine's clock right?";
    throw invalid(`The certificate of --tls-cert is not valid before ${certificate.validFrom}.`, hint);
  }
  const days = Math.floor((toMs - nowMs) / dayMs);
  if (days >= warnDays) return;
  log.warn(`The certificate of --tls-cert expires in ${days} days. Renew it, and start the server again.`);
}

function checkName(certificate: X509Certificate, { settings, log }: CertificateOptions): void {
  if (settings.publicUrl === undefined) return;
  const { hostname, protocol } = new URL(settings.publicUrl);
  if (protocol !== "https:") {
    throw invalid("With --tls-cert the server speaks https, and --public-url names an http address.");
  }
  const address = hostname.replace(/^\[|\]$/g, "");
  if (isIP(address) === 0 ? certificate.checkHost(hostname) : certificate.checkIP(address)) return;
  log.warn(`The certificate of --tls-cert is not for ${hostname}, the host of --public-url.`);
}

interface CertificateOptions {
  readonly settings: Pick<ServerSettings, "tlsCert" | "tlsKey" | "publicUrl">;
  readonly log: Log;
  /** Default {@link systemClock}. */
  readonly clock?: Clock;
}

/**
 * Reads the certificate for https; undefined where none is configured. Warns 14 days before it expires.
 *
 * @throws `invalid_config` for half a pair, a file that cannot be read, a key of another certificate, a weak key, a
 *   certificate that has expired, and a public URL without https
 */
export function readServerCertificate(options: CertificateOptions): ServerCertificate | undefined {
  const { tlsCert, tlsKey } = options.settings;
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined) {
    throw invalid("--tls-cert (MCP_TLS_CERT) and --tls-key (MCP_TLS_KEY) go together.");
  }
  const [cert, key] = [readPem(tlsCert, "--tls-cert"), readPem(tlsKey, "--tls-key")];
  const certificate = parseCertificate(cert);
  const privateKey = parseKey(key);
  if (!certificate.checkPrivateKey(privateKey)) {
    throw invalid(
      "--tls-key is not the key of the certificate of --tls-cert.",
      "The server's own certificate comes first in its file, the intermediate ones behind it.",
    );
  }
  checkStrength(privateKey);
  checkTimes(certificate, options);
  checkName(certificate, options);
  return { cert, key };
}
