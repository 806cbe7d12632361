import type { MutantGroup } from "./mutant.ts";

const header = ["verification/entra-header.test.ts"];

/** What a token must look like before anything is computed, and what is remembered of it. */
export const tokenMutants: readonly MutantGroup[] = [
  {
    file: "lib/auth/server/decode-token.ts",
    tests: [...header, "verification/bearer.test.ts", "auth-server/decode-token.test.ts"],
    mutations: [
      ["jwk in the header", '"jwk", ', ""],
      ["jku in the header", '"jku", ', ""],
      ["x5u in the header", '"x5u", ', ""],
      ["x5c in the header", '"x5c", ', ""],
      ["crit in the header", ', "crit"]', "]"],
      [
        "crit null in the header",
        "Object.hasOwn(header, member)",
        "(header[member] ?? undefined) !== undefined",
      ],
      ["no look at the members", "  checkMembers(header);\n", ""],
      ["no look at typ", "  checkType(header);\n", ""],
      ["typ by letter case", "acceptedTypes.includes(typ.toLowerCase())", "acceptedTypes.includes(typ)"],
      ["typ required", "typ === undefined || (typeof typ", "(typeof typ"],
      ["no typ at+jwt", '"jwt", "at+jwt", ', '"jwt", '],
      ["no typ with prefix", ', "application/jwt", "application/at+jwt"]', "]"],
      ["tokens of any length", "token.length <= maxTokenLength", "true"],
      ["shorter tokens alone", "const maxTokenLength = 16_000", "const maxTokenLength = 12_000"],
      ["more than three segments", "segments.length !== 3 ||", "segments.length < 3 ||"],
      ["a signature in other words", " || !decodeCanonical(signature)", ""],
      ["segments in other words", 'bytes.toString("base64url") === segment', "true"],
      ["an empty signature", 'segment !== "" && bytes', "bytes"],
      ["bytes that are no UTF-8", "bytes && isUtf8(bytes) ?", "bytes ?"],
      ["the header's alg is not looked at", "accepted.find((name) => name === alg)", "accepted[0]"],
      ["alg in any letter case", "name === alg)", "name === String(alg).toUpperCase())"],
      ["alg in a list", "name === alg)", "[alg].flat().includes(name))"],
      ["kid required", "  if (kid === undefined) return undefined;\n", ""],
      ["kid of any type", 'typeof kid === "string" && kid !== ""', '(kid as string) !== ""'],
      ["kid empty", 'kid !== "" && kid.length', "kid.length"],
      ["kid of any length", " && kid.length <= maxKidLength", ""],
      ["kid shorter", "const maxKidLength = 128", "const maxKidLength = 127"],
    ],
  },
  {
    file: "lib/auth/server/strict-json.ts",
    tests: header,
    mutations: [
      ["members twice", "if (members.has(String(name))) return true;", ""],
      ["members twice, once escaped", "JSON.parse(text.slice(index, end))", "text.slice(index, end)"],
      ["members twice, with white space", '" \\t\\n\\r".includes(text[index] ?? ":")', "false"],
      ["values taken for members", 'return text[index] === ":";', "return true;"],
      ["escapes in texts", 'text[index] === "\\\\" ? 2 : 1', "1"],
      [
        "members of inner objects",
        'else if (character === "}" || character === "]") names.pop();',
        "else void 0;",
      ],
      ["any depth", "> maxDepth) return true", "> 1e9) return true"],
      ["less depth", "const maxDepth = 16", "const maxDepth = 15"],
      ["lists in an object's place", " || Array.isArray(value)", ""],
    ],
  },
  {
    file: "lib/auth/server/verify-token.ts",
    tests: [
      "verification/entra-header.test.ts",
      "verification/remembered.test.ts",
      "verification/entra-keys.test.ts",
      "verification/key-store.test.ts",
    ],
    mutations: [
      ["no look at the signature", "    await checkSignature(token, decoded, key);\n", ""],
      [
        "bad signatures pass",
        'throw new AppError("bad_signature", "The token\'s signature is not valid.", { cause });',
        "void cause;",
      ],
      ["a key for another algorithm", "  if (!publicKey) {", "  if (false) {"],
      ["no look at the key's issuer", "    authority.checkKey(key, decoded.claims);\n", ""],
      [
        "an unknown key is a bad signature",
        "  if (key) return key;\n",
        '  if (key) return key;\n  throw new AppError("bad_signature", "");\n',
      ],
      ["denied tokens", "      checkNotDenied(caller, deniedTokens);\n", ""],
      [
        "what the caller lacks is told before the denial",
        "      checkNotDenied(caller, deniedTokens);\n      checkPermission(caller, policy);\n",
        "      checkPermission(caller, policy);\n      checkNotDenied(caller, deniedTokens);\n",
      ],
      [
        "tokens without an id are denied",
        "tokenId === undefined || !deniedTokens?.has(tokenId)",
        "!deniedTokens?.has(String(tokenId))",
      ],
      ["what a caller may do", "      checkPermission(caller, policy);\n", ""],
      [
        "what a remembered caller may do",
        "      const caller = await authenticate(token);\n      checkNotDenied(caller, deniedTokens);\n",
        "      const known = recall(digestToken(token));\n      const caller = await authenticate(token);\n      checkNotDenied(caller, deniedTokens);\n      if (known) return caller.principal;\n",
      ],
      [
        "a remembered caller's denial",
        "      const caller = await authenticate(token);\n      checkNotDenied(caller, deniedTokens);\n",
        "      const known = recall(digestToken(token));\n      const caller = await authenticate(token);\n      if (!known) checkNotDenied(caller, deniedTokens);\n",
      ],
      [
        "remembered tokens whose key has gone",
        "if (!verified || verified.keyStore.holds(verified.key)) return verified;",
        "return verified;",
      ],
      [
        "remembered tokens that have ended",
        "verified.caller.principal.expiresAtSeconds * 1000",
        "Number.MAX_SAFE_INTEGER",
      ],
      ["nothing is remembered", "    if (recalled) return recalled.caller;\n", ""],
      [
        "tokens that were remembered once stay, by exp in milliseconds",
        "expiresAtSeconds * 1000)",
        "expiresAtSeconds)",
      ],
    ],
  },
  {
    file: "lib/auth/server/token-memory.ts",
    tests: ["verification/remembered.test.ts", "auth-server/token-memory.test.ts"],
    mutations: [
      ["it has no end", "if (entry.expiresAtMs <= clock.nowMs()) return undefined;", ""],
      ["it takes what is over", "if (!(expiresAtMs > clock.nowMs())) return;", ""],
      [
        "it has no bound",
        "if (entries.size > maxEntries && oldest !== undefined) entries.delete(oldest);",
        "",
      ],
      [
        "what was used goes first",
        "      entries.set(digest, entry);\n",
        "      entries.set(digest, entry);\n      const all = [...entries]; entries.clear(); for (const one of [all.at(-1)!, ...all.slice(0, -1)]) entries.set(...one);\n",
      ],
      [
        "the signature is no part of the digest",
        'hash("sha256", token, "base64")',
        'hash("sha256", token.slice(0, token.lastIndexOf(".")), "base64")',
      ],
      [
        "the claims are no part of the digest",
        'hash("sha256", token, "base64")',
        'hash("sha256", token.slice(0, token.indexOf(".")), "base64")',
      ],
      ["the token is its digest", 'return Bun.CryptoHasher.hash("sha256", token, "base64")', "return token"],
      ["nothing is forgotten", "delete: (digest) => void entries.delete(digest)", "delete: () => {}"],
    ],
  },
  {
    file: "lib/auth/server/denied-tokens.ts",
    tests: ["verification/remembered.test.ts", "auth-server/denied-tokens.test.ts"],
    mutations: [
      [
        "the file is read once",
        "if (found === version) return undefined;",
        'if (version !== "") return undefined;',
      ],
      ["listening streams are not ended", "      endDenied();\n", ""],
      ["an old denial is not heard of", "      if (ids.has(id)) onDenied();\n", ""],
      [
        "a file that cannot be read denies nobody",
        "      isFailing = true;\n",
        "      isFailing = true;\n      ids = new Set();\n",
      ],
      [
        "any file at the start",
        "const first = await read().catch((cause: unknown) => {",
        "const first = await read().catch((cause: unknown) => {\n    if (cause) return undefined;",
      ],
      ["bad lines at the start", "if (first && first.badLines.length > 0) {", "if (false) {"],
      ["comments are ids", ' || id.startsWith("#")', ""],
      ["nobody is denied", "has: (id) => ids.has(id)", "has: () => false"],
    ],
  },
];
