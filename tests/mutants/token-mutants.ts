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
      [
        "tokens of any length",
        'token.length <= maxTokenLength ? token.indexOf(".") : -1',
        'token.indexOf(".")',
      ],
      ["shorter tokens alone", "const maxTokenLength = 16_000", "const maxTokenLength = 12_000"],
      ["a signature in other words", "  if (!decodeCanonical(signature)) throw malformed;\n", ""],
      ["segments with stray bits", "isWhole && !hasStrayBits ? bytes", "isWhole ? bytes"],
      [
        "segments with padding",
        "bytes.length > 0 && bytes.length === Math.floor((segment.length * 3) / 4)",
        "bytes.length > 0",
      ],
      ["an empty signature", "bytes.length > 0 && ", ""],
      ["bytes that are no UTF-8", "fatal: true", "fatal: false"],
      ["byte order marks", "ignoreBOM: true", "ignoreBOM: false"],
      [
        "the first header vouches for all",
        "if (last?.segment !== segment) last",
        "if (last === undefined) last",
      ],
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
      [
        "members twice",
        "countNames(text) === countMembers(value)",
        "countNames(text) >= countMembers(value)",
      ],
      ["any depth", "if (depth > maxDepth) return Number.POSITIVE_INFINITY;", ""],
      ["less depth", "const maxDepth = 16", "const maxDepth = 15"],
      [
        "lists are not looked into",
        "count += countMembers(entry, depth + 1);",
        "count += Array.isArray(entry) ? 0 : countMembers(entry, depth + 1);",
      ],
      [
        "inner objects are not looked into",
        'if (typeof entry === "object" && entry !== null) count +=',
        "if (false) count +=",
      ],
      ["entries of lists are members", "Array.isArray(value) ? 0 : entries.length", "entries.length"],
      ["colons in texts", "code === quotationMark ? skipString(text, index) : index + 1", "index + 1"],
      ["quotes in texts", "if ((end - before) % 2 === 1) return end + 1;", "return end + 1;"],
      ["backslashes at the end of texts", "(end - before) % 2 === 1", "end - before === 1"],
      ["lists in an object's place", " || Array.isArray(value)) return undefined", ") return undefined"],
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
      ["no look at the signature", "    await checkSignature(token, header.algorithm, key);\n", ""],
      [
        "bad signatures pass",
        'throw new AppError("bad_signature", "The token\'s signature is not valid.", { cause });',
        "void cause;",
      ],
      ["a key for another algorithm", "  if (!publicKey) {", "  if (false) {"],
      ["no look at the key's issuer", "    authority.checkKey(key, claims);\n", ""],
      [
        "an unknown key is a bad signature",
        "  if (key) return key;\n",
        '  if (key) return key;\n  throw new AppError("bad_signature", "");\n',
      ],
      ["denied tokens", "    checkNotDenied(caller, deniedTokens);\n", ""],
      [
        "what the caller lacks is told before the denial",
        "    checkNotDenied(caller, deniedTokens);\n    checkPermission(caller, policy);\n",
        "    checkPermission(caller, policy);\n    checkNotDenied(caller, deniedTokens);\n",
      ],
      [
        "tokens without an id are denied",
        "tokenId === undefined || !deniedTokens?.has(tokenId)",
        "!deniedTokens?.has(String(tokenId))",
      ],
      ["what a caller may do", "    checkPermission(caller, policy);\n", ""],
      [
        "what a remembered caller may do",
        "return admit(verified);",
        "{\n      checkNotDenied(verified.caller, deniedTokens);\n      return verified.caller.principal;\n    }",
      ],
      [
        "a remembered caller's denial",
        "return admit(verified);",
        "{\n      checkPermission(verified.caller, policy);\n      return verified.caller.principal;\n    }",
      ],
      ["remembered tokens whose key has gone", "if (verified.keyStore.holds(verified.key)) return", "return"],
      [
        "remembered tokens that have ended",
        "verified.caller.principal.expiresAtSeconds * 1000",
        "Number.MAX_SAFE_INTEGER",
      ],
      [
        "nothing is remembered",
        "const verified = memory.get(digest)",
        "const verified = undefined as Verified | undefined",
      ],
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
      [
        "tokens are known by their first half",
        "Bun.SHA256.hash(token,",
        "Bun.SHA256.hash(token.slice(0, token.length / 2),",
      ],
      ["it has no end", "if (entry.expiresAtMs <= clock.nowMs()) return undefined;", ""],
      ["it takes what is over", " || !(expiresAtMs > clock.nowMs())", ""],
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
        'hash(token, "base64")',
        'hash(token.slice(0, token.lastIndexOf(".")), "base64")',
      ],
      [
        "the claims are no part of the digest",
        'hash(token, "base64")',
        'hash(token.slice(0, token.indexOf(".")), "base64")',
      ],
      ["the token is its digest", 'return Bun.SHA256.hash(token, "base64")', "return token"],
      ["nothing is forgotten", "delete: (digest) => void entries.delete(digest)", "delete: () => {}"],
    ],
  },
  {
    file: "lib/auth/server/denied-tokens.ts",
    tests: ["verification/remembered.test.ts", "auth-server/denied-tokens.test.ts"],
    mutations: [
      ["listening streams are not ended", "    watchers.tell(ids);\n", ""],
      ["an old denial is not heard of", "      if (ids.has(id)) onDenied();\n", ""],
      [
        "a file that cannot be read denies nobody",
        "      isFailing = true;\n",
        "      isFailing = true;\n      ids = new Set();\n",
      ],
      ["a spoiled file denies nobody", "isGood ? list.ids : ids.union(list.ids)", "list.ids"],
      ["denials are never taken back", "isGood ? list.ids : ids.union(list.ids)", "ids.union(list.ids)"],
      [
        "any file at the start",
        'throw new AppError("invalid_config", `The file of denied tokens',
        'if (cause) return undefined;\n    throw new AppError("invalid_config", `The file of denied tokens',
      ],
      [
        "bad lines at the start",
        "const [badLine] = first?.badLines ?? [];",
        "const [badLine] = [] as number[];",
      ],
      ["nobody is denied", "has: (id) => ids.has(id)", "has: () => false"],
      [
        "the file is read once",
        "if (found === version) return undefined;",
        'if (version !== "") return undefined;',
      ],
      ["the file is read each time", "    if (found === version) return undefined;\n", ""],
      [
        "another file of the same size and time",
        "return `${ino} ${size} ${mtimeNs}`;",
        "return `${size} ${mtimeNs}`;",
      ],
      ["comments are ids", ' || id.startsWith("#")', ""],
      ["any text is an id", "if (tokenId.test(id)) ids.add(id);", "if (true) ids.add(id);"],
      ["folders and pipes", '  if (!facts.isFile()) throw new Error("it is not a file");\n', ""],
      ["files of any size", "if (size > maxBytes) throw new Error(`more than ${maxBytes} bytes`);", ""],
    ],
  },
];
