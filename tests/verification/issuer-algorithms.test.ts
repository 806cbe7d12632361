import { afterAll, describe, expect, test } from "bun:test";
import { type SignatureAlgorithm, signatureAlgorithms } from "../../lib/config/signature-algorithms.ts";
import { tokenOptions } from "../../lib/config/token-options.ts";
import { type IssuerRow, openIssuer, partsOf, testRows } from "./issuer-table.ts";
import { makeKey, signWithPublicKey, type TestKey } from "./test-keys.ts";

/** One key for each algorithm, and one RSA key for its six. */
const rsa = makeKey("RS256", { kid: "RSA" });
const keys = Object.fromEntries(
  signatureAlgorithms.map((name) => [name, /^[RP]S/.test(name) ? rsa : makeKey(name, { kid: name })]),
) as Record<SignatureAlgorithm, TestKey>;

const issuer = openIssuer(rsa);
issuer.publish(...new Set(Object.values(keys)));
afterAll(() => issuer[Symbol.asyncDispose]());

const signedBy = (algorithm: SignatureAlgorithm, key = keys[algorithm], header = {}) => ({
  algorithm,
  key,
  header: { kid: key.jwk["kid"], ...header },
});

describe.each([...signatureAlgorithms])("2b.22 %s", (algorithm) => {
  const others = signatureAlgorithms.filter((name) => name !== algorithm);
  const accepted: IssuerRow = [`2a.13 ${algorithm} is accepted`, signedBy(algorithm), 200, "ada"];
  testRows(issuer, [accepted], { algorithms: [algorithm] });
  testRows(issuer, [[`${algorithm} among all is accepted`, signedBy(algorithm), 200, "ada"]], {
    algorithms: signatureAlgorithms,
  });
  const refused = [401, "unsupported_algorithm", [algorithm]] as const;
  testRows(
    issuer,
    [[`2b.1 ${algorithm} is refused when all others are configured`, signedBy(algorithm), ...refused]],
    {
      algorithms: others,
    },
  );
});

describe("with all algorithms", () => {
  const all = { algorithms: signatureAlgorithms };
  testRows(
    issuer,
    [
      [
        "2b.1 HS256 by the public key",
        () => signWithPublicKey(rsa, partsOf(issuer, { header: { alg: "HS256", kid: "RSA" } })),
        401,
        "unsupported_algorithm",
      ],
      ["2b.1 HS512", { header: { alg: "HS512", kid: "RSA" } }, 401, "unsupported_algorithm"],
      ["2b.1 none", { header: { alg: "none", kid: "RSA" } }, 401, "unsupported_algorithm"],
      ["2b.1 ES256K", { header: { alg: "ES256K", kid: "ES256" } }, 401, "unsupported_algorithm"],
      ["2b.1 RS256 said to be PS256", signedBy("RS256", rsa, { alg: "PS256" }), 401, "bad_signature"],
      ["2b.1 RS256 said to be RS512", signedBy("RS256", rsa, { alg: "RS512" }), 401, "bad_signature"],
      [
        "2b.1 ES256 that names the key of ES384",
        signedBy("ES256", keys.ES256, { kid: "ES384" }),
        401,
        "unsupported_algorithm",
      ],
      [
        "2b.1 ES384 by the key of ES256",
        { ...signedBy("ES256"), header: { alg: "ES384", kid: "ES256" } },
        401,
        "unsupported_algorithm",
      ],
      [
        "2b.1 RS256 that names a key of EdDSA",
        signedBy("RS256", rsa, { kid: "EdDSA" }),
        401,
        "unsupported_algorithm",
      ],
      [
        "2b.1 EdDSA that names an RSA key",
        signedBy("EdDSA", keys.EdDSA, { kid: "RSA" }),
        401,
        "unsupported_algorithm",
      ],
      [
        "2a.7 ES256 by a stranger",
        signedBy("ES256", makeKey("ES256", { kid: "ES256" })),
        401,
        "bad_signature",
      ],
      [
        "2a.7 EdDSA by a stranger",
        signedBy("EdDSA", makeKey("EdDSA", { kid: "EdDSA" })),
        401,
        "bad_signature",
      ],
      ["2b.4 no kid, and there are several keys", { key: rsa, header: { kid: null } }, 401, "unknown_key"],
    ],
    all,
  );
});

describe("a key that names its algorithm", () => {
  const both = { algorithms: ["RS256", "RS512"] as const };
  const own = openIssuer(makeKey("RS256", { alg: "RS512" }));
  afterAll(() => own[Symbol.asyncDispose]());
  testRows(
    own,
    [
      ["2b.1 is used with it", { algorithm: "RS512" }, 200, "ada"],
      ["2b.1 is used with no other", { algorithm: "RS256" }, 401, "unsupported_algorithm"],
    ],
    both,
  );
});

describe("the setting --algorithms", () => {
  test.each([...signatureAlgorithms])("takes %s", (name) => {
    expect(tokenOptions.algorithms.check(name)).toBeUndefined();
  });

  test.each(["HS256", "HS384", "HS512", "none", "rs256", "ES256K", "RSA-OAEP", "dir", ""])(
    "2b.1, 2a.11 does not take %p",
    (name) => {
      expect(tokenOptions.algorithms.check(name)).toContain("takes asymmetric algorithms");
    },
  );
});
