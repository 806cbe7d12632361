import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A certificate and its key, as PEM. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

/** What a certificate is to be like. */
export interface CertificateOptions {
  /** Subject alternative names, e.g. `DNS:localhost,IP:127.0.0.1`. */
  readonly names: string;
  /** Who signs it; itself by default. */
  readonly issuer?: Certificate;
  /** Whether it may sign others. */
  readonly isAuthority?: boolean;
  /** From when to when it is good, e.g. `20200101000000Z`. Default: now, for ten days. */
  readonly validity?: readonly [from: string, to: string];
  /** Length of its RSA key, default 2048. */
  readonly bits?: number;
}

function run(folder: string, ...args: string[]): void {
  const { exitCode, stderr } = Bun.spawnSync(["openssl", ...args], { cwd: folder, stderr: "pipe" });
  if (exitCode !== 0) throw new Error(`openssl ${args[0]}: ${stderr.toString()}`);
}

/** `openssl ca` is the one command of OpenSSL 3.0 that sets the dates of a certificate. */
const caConfig = `[ca]
default_ca = here
[here]
database = index.txt
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
`;

/**
 * Whether certificates can be made here. Where openssl is missing, tests that need it skip; in CI, where `.ci/run`
 * installs it, they run in any case and fail.
 */
export const hasOpenssl = Bun.which("openssl") !== null || process.env["CI"] !== undefined;

/** Makes a certificate with openssl. */
export function makeCertificate({
  names,
  issuer,
  isAuthority = false,
  validity,
  bits = 2048,
}: CertificateOptions): Certificate {
  const folder = mkdtempSync(join(tmpdir(), "mcp-certificate-"));
  try {
    const subject = `/CN=${isAuthority ? "Test authority" : "Test"} ${crypto.randomUUID().slice(0, 8)}`;
    writeFileSync(
      join(folder, "extensions"),
      `basicConstraints=CA:${isAuthority}\nsubjectAltName=${names}\n`,
    );
    writeFileSync(join(folder, "ca.cnf"), caConfig);
    writeFileSync(join(folder, "index.txt"), "");
    run(
      folder,
      "req",
      "-newkey",
      `rsa:${bits}`,
      "-nodes",
      "-keyout",
      "key.pem",
      "-out",
      "csr.pem",
      "-subj",
      subject,
    );
    const signer = issuer
      ? ["-cert", "issuer.pem", "-keyfile", "issuer.key"]
      : ["-selfsign", "-keyfile", "key.pem"];
    if (issuer) {
      writeFileSync(join(folder, "issuer.pem"), issuer.certificate);
      writeFileSync(join(folder, "issuer.key"), issuer.key);
    }
    const dates = validity ? ["-startdate", validity[0], "-enddate", validity[1]] : ["-days", "10"];
    const files = ["-in", "csr.pem", "-out", "cert.pem", "-extfile", "extensions", "-notext", "-batch"];
    run(folder, "ca", "-config", "ca.cnf", ...signer, ...dates, ...files);
    const read = (name: string) => readFileSync(join(folder, name), "utf8");
    return { certificate: read("cert.pem"), key: read("key.pem") };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
