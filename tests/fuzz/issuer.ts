import { createHmac, KeyObject, constants, sign as signWith } from "node:crypto";
import { type Authority, foreignTenantId, tenantId } from "./setting.ts";

/** What a key is in the published set. Only tokens signed by the first two are let in. */
export const keyNames = [
  "usable",
  "longest",
  "foreign",
  "weak",
  "encryption",
  "twin",
  "other-twin",
  "too-long",
  "stranger",
] as const;
export type KeyName = (typeof keyNames)[number];

/** `kid` of each key; the stranger's is never published and is the usable key's. */
export const kidOf: Readonly<Record<KeyName, string>> = {
  usable: "key-1",
  longest: `key-2-${"k".repeat(122)}`,
  foreign: "key-foreign",
  weak: "key-weak",
  encryption: "key-encryption",
  twin: "key-twin",
  "other-twin": "key-twin",
  "too-long": `key-3-${"k".repeat(123)}`,
  stranger: "key-1",
};

/** How a token gets its third segment. All but `rs256` make signatures that must never count. */
export type Signer =
  | { readonly type: "rs256"; readonly key: KeyName }
  | { readonly type: "rs384" | "rs512" | "ps256" }
  /** HMAC with the usable key's public half as the secret. */
  | { readonly type: "hmac"; readonly secret: "pem" | "modulus" | "empty" };

/** The authority of the mutants: its keys over HTTP, and signatures by them. */
export interface Issuer extends AsyncDisposable {
  readonly authority: Authority;
  /** Signs `<header>.<claims>`; base64url. */
  sign(input: string, signer: Signer): Promise<string>;
}

type Pair = CryptoKeyPair;

function generate(bits: number): Promise<Pair> {
  const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", modulusLength: bits };
  return crypto.subtle.generateKey({ ...algorithm, publicExponent: new Uint8Array([1, 0, 1]) }, true, [
    "sign",
    "verify",
  ]);
}

async function generatePairs(): Promise<Readonly<Record<KeyName, Pair>>> {
  const entries = keyNames.map(
    async (name) => [name, await generate(name === "weak" ? 1024 : 2048)] as const,
  );
  return Object.fromEntries(await Promise.all(entries)) as Record<KeyName, Pair>;
}

async function describeKeys(pairs: Readonly<Record<KeyName, Pair>>, loginUrl: string) {
  const extras: Partial<Record<KeyName, Record<string, string>>> = {
    longest: { issuer: `${loginUrl}/{tenantid}/v2.0` },
    foreign: { issuer: `${loginUrl}/${foreignTenantId}/v2.0` },
    encryption: { use: "enc" },
  };
  const published = keyNames.filter((name) => name !== "stranger");
  return Promise.all(
    published.map(async (name) => {
      const { kty, n, e } = await crypto.subtle.exportKey("jwk", pairs[name].publicKey);
      return { kty, n, e, use: "sig", kid: kidOf[name], ...extras[name] };
    }),
  );
}

function signOddly(pair: Pair, input: string, signer: Exclude<Signer, { type: "rs256" }>): string {
  if (signer.type === "hmac") {
    const key = KeyObject.from(pair.publicKey);
    const secrets = {
      pem: () => key.export({ type: "spki", format: "pem" }),
      modulus: () => Buffer.from(key.export({ format: "jwk" }).n ?? "", "base64url"),
      empty: () => "",
    };
    return createHmac("sha256", secrets[signer.secret]()).update(input).digest("base64url");
  }
  const key = KeyObject.from(pair.privateKey);
  const hash = { rs384: "sha384", rs512: "sha512", ps256: "sha256" }[signer.type];
  const { RSA_PKCS1_PSS_PADDING, RSA_PKCS1_PADDING } = constants;
  const padding = signer.type === "ps256" ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING;
  return signWith(hash, Buffer.from(input), { key, padding, saltLength: 32 }).toString("base64url");
}

/** Starts the authority on a free port of this machine, with fresh keys. */
export async function startIssuer(): Promise<Issuer> {
  const pairs = await generatePairs();
  let keys: unknown = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request) {
      const known = new URL(request.url).pathname === `/${tenantId}/discovery/v2.0/keys`;
      return known ? Response.json({ keys }) : new Response("not found", { status: 404 });
    },
  });
  const loginUrl = `http://127.0.0.1:${server.port}`;
  keys = await describeKeys(pairs, loginUrl);
  return {
    authority: { loginUrl, stsUrl: `${loginUrl}/sts` },
    async sign(input, signer) {
      if (signer.type !== "rs256") return signOddly(pairs.usable, input, signer);
      const { privateKey } = pairs[signer.key];
      const signature = await crypto.subtle.sign("RSASSA-PKCS1-v1_5", privateKey, Buffer.from(input));
      return Buffer.from(signature).toString("base64url");
    },
    async [Symbol.asyncDispose]() {
      await server.stop(true);
    },
  };
}
