import type { MutantGroup } from "./mutant.ts";

const keys = [
  "verification/issuer-keys.test.ts",
  "verification/entra-keys.test.ts",
  "verification/issuer-algorithms.test.ts",
];
const store = ["verification/key-store.test.ts", "auth-server/key-store.test.ts"];

/** Which keys are used, where they come from, and how often they are asked for. */
export const keyMutants: readonly MutantGroup[] = [
  {
    file: "lib/auth/server/signing-keys.ts",
    tests: [...keys, "auth-server/signing-keys.test.ts"],
    mutations: [
      ["1024 bits", "bits >= minModulusBits && ", ""],
      ["2049 bits at least", "const minModulusBits = 2048", "const minModulusBits = 2049"],
      ["more than 8192 bits", "bits <= maxModulusBits && ", ""],
      ["8191 bits at most", "const maxModulusBits = 8192", "const maxModulusBits = 8191"],
      ["zeros make a key longer", '.replace(/^0+/, "")', ""],
      ["bits by whole digits", ' - (Math.clz32(Number.parseInt(hex[0] ?? "0", 16)) - 28)', ""],
      ["any exponent", " && isSoundExponent(e) ?", " ?"],
      ["the exponent 1", "countBits(base64url) >= 2 && ", ""],
      ["even exponents", ' && (Buffer.from(base64url, "base64url").at(-1) ?? 0) % 2 === 1', ""],
      ["keys for encryption", 'const hasUse = use === undefined || use === "sig"', "const hasUse = true"],
      ["use required", 'use === undefined || use === "sig"', 'use === "sig"'],
      [
        "any operations",
        'return hasUse && (operations === undefined || (Array.isArray(operations) && operations.includes("verify")));',
        "return hasUse;",
      ],
      [
        "operations in a text",
        "Array.isArray(operations) && operations.includes",
        "String(operations).includes",
      ],
      ["no look at what a key is for", "mayVerify(jwk) && !hasBadName", "!hasBadName"],
      ["keys with odd names", "mayVerify(jwk) && !hasBadName", "mayVerify(jwk)"],
      [
        "keys with one name",
        "return withoutAmbiguous(keys.filter((key) => key !== undefined));",
        "return keys.filter((key) => key !== undefined);",
      ],
      [
        "the first of one name",
        "other === key || other.kid !== key.kid",
        "other === key || other.kid !== key.kid || keys.indexOf(key) < keys.indexOf(other)",
      ],
      [
        "a key's own alg is not read",
        "own === undefined || own === name",
        "own !== undefined || own === name || true",
      ],
      ["algorithms that are not accepted", "return isOwn && accepted.includes(name);", "return isOwn;"],
      ["any number of keys", ".slice(0, maxKeys)", ""],
      ["fewer keys", "const maxKeys = 100", "const maxKeys = 99"],
      [
        "one bad key spoils all",
        "importJWK(material, algorithm).catch(() => undefined)",
        "importJWK(material, algorithm)",
      ],
      [
        "what is no key spoils all",
        'typeof jwk === "object" && jwk !== null ? importKey(jwk, accepted) : undefined',
        "importKey(jwk as object, accepted)",
      ],
      [
        "all keys look the same",
        "const fingerprint = JSON.stringify([Object.values(material), issuer ?? null, [...keys.keys()]]);",
        'const fingerprint = "";',
      ],
      ["keys have no issuer", 'const issuer = textOf(jwk, "issuer");', "const issuer = undefined;"],
    ],
  },
  {
    file: "lib/auth/server/key-store.ts",
    tests: [...store, "verification/issuer-keys.test.ts"],
    mutations: [
      ["any key for a token without kid", "keys.length === 1 ? keys[0] : undefined", "keys[0]"],
      ["no key for a token without kid", "keys.length === 1 ? keys[0] : undefined", "undefined"],
      [
        "any key for any kid",
        "return keys.find((key) => key.kid === kid);",
        "return keys.find((key) => key.kid === kid) ?? keys[0];",
      ],
      ["a set is used for ever", "ageMs() < times.dropAfterMs", "true"],
      ["a set is used a moment too long", "ageMs() < times.dropAfterMs", "ageMs() <= times.dropAfterMs"],
      [
        "no backoff in outages",
        "isUsable() ? Math.min(maxBackoffMs, 1000 * 2 ** (failures - 1)) : backoffWithoutKeysMs",
        "isUsable() ? 0 : backoffWithoutKeysMs",
      ],
      ["a flat backoff in outages", "1000 * 2 ** (failures - 1)", "1000"],
      [
        "an endless backoff in outages",
        "Math.min(maxBackoffMs, 1000 * 2 ** (failures - 1))",
        "1000 * 2 ** (failures - 1)",
      ],
      [
        "a long backoff without keys",
        "const backoffWithoutKeysMs = 500",
        "const backoffWithoutKeysMs = 1001",
      ],
      ["no backoff without keys", "const backoffWithoutKeysMs = 500", "const backoffWithoutKeysMs = 0"],
      [
        "empty sets",
        'if (keys.length === 0) throw keysUnavailable("the issuer\'s key set has no usable key");',
        "",
      ],
      ["successes are not told to the backoff", "      backoff.succeeded();\n", ""],
      ["failures are not told to the backoff", "const failures = backoff.failed();", "const failures = 1;"],
      ["no refresh", "if (isOld() && !backoff.isWaiting()) void refresh.run().catch(() => {});", ""],
      [
        "remembered tokens alone cause a refresh",
        "      if (isUsable()) refreshIfOld();\n      else await",
        "      if (!isUsable()) await",
      ],
      ["a refresh each time", "if (isOld() && ", "if ("],
      ["no refresh after the clock was set back", " || ageMs() < 0", ""],
      ["refreshes without backoff", "isOld() && !backoff.isWaiting()", "isOld()"],
      [
        "loads without backoff",
        '    if (!refresh.current() && isWaiting()) throw keysUnavailable("waiting before the next attempt");\n',
        "",
      ],
      ["a miss does not wait for the refresh that runs", "    if (running) return running;\n", ""],
      [
        "a miss after a refresh is final",
        "      if (!select(keys(), kid)) await refreshForMiss();\n",
        "      else if (!select(keys(), kid)) await refreshForMiss();\n",
      ],
      [
        "misses without backoff",
        '    if (isWaiting()) throw keysUnavailable("waiting before the next attempt");\n',
        "",
      ],
      ["any number of misses", "if (!misses.take()) {", "if (!misses.take() && false) {"],
      ["one miss more", "count: times.missFetches,", "count: times.missFetches + 1,"],
      ["misses per another window", "windowMs: times.missWindowMs }", "windowMs: 60_000 }"],
      [
        "no fetch for a miss",
        "    return refresh.run().catch((error: unknown) => {",
        "    return Promise.resolve().catch((error: unknown) => {",
      ],
      ["failed fetches spend the window", "      misses.giveBack();\n", ""],
      [
        "too many misses are unknown keys",
        'throw keysUnavailable("too many unknown key ids", { retryAfterSeconds });',
        "return;",
      ],
      [
        "Retry-After of misses",
        'keysUnavailable("too many unknown key ids", { retryAfterSeconds })',
        'keysUnavailable("too many unknown key ids")',
      ],
      ["no kid is a miss", "      if (kid === undefined) return select(keys(), kid);\n", ""],
      ["remembered tokens outlive the set", "      if (!isUsable()) return false;\n", ""],
      [
        "remembered tokens cause no refresh",
        "      if (!isUsable()) return false;\n      refreshIfOld();\n",
        "      if (!isUsable()) return false;\n",
      ],
      [
        "remembered tokens outlive their key",
        "return keys().some(({ kid, fingerprint }) => kid === key.kid && fingerprint === key.fingerprint);",
        "return true;",
      ],
      [
        "remembered tokens outlive a change of their key",
        "kid === key.kid && fingerprint === key.fingerprint",
        "kid === key.kid",
      ],
      ["other defaults: refresh", "refreshAfterMs: 3_600_000", "refreshAfterMs: 3_599_000"],
      ["other defaults: end", "dropAfterMs: 86_400_000", "dropAfterMs: 86_390_000"],
    ],
  },
  {
    file: "lib/auth/server/fetch-budget.ts",
    tests: store,
    mutations: [
      [
        "the window never ends",
        "takenAtMs = takenAtMs.filter((atMs) => isWithin(clock, atMs, limit.windowMs));",
        "",
      ],
      ["no budget", "if (takenAtMs.length >= limit.count) return false;", ""],
      ["nothing is counted", "      takenAtMs.push(clock.nowMs());\n", ""],
      ["successes do not end the backoff", "      failures = 0;\n", ""],
      ["no wait", "failures > 0 && isWithin(clock, failedAtMs, delayMs(failures))", "false"],
      ["what lies ahead counts", "elapsedMs >= 0 && ", ""],
      ["nothing is given back", "takenAtMs.pop()", "undefined"],
    ],
  },
  {
    file: "lib/auth/server/single-flight.ts",
    tests: store,
    mutations: [
      ["everybody fetches", "running ??= work()", "running = work()"],
      ["one fetch for ever", "        running = undefined;\n", ""],
    ],
  },
  {
    file: "lib/auth/server/fetch-json.ts",
    tests: ["verification/entra-keys.test.ts", "auth-server/issuer-documents.test.ts"],
    mutations: [
      ["redirects", 'redirect: "error"', 'redirect: "follow"'],
      ["any certificate", "      tls: { rejectUnauthorized: true },\n", ""],
      [
        "the parser's message is shown",
        '    return JSON.parse(bytes.toString("utf8"));\n  } catch {',
        '    return JSON.parse(bytes.toString("utf8"));\n  } catch (error) {\n    if (error) throw error;',
      ],
      [
        "answers of any size",
        "readCapped(response.body, { maxBytes })",
        "readCapped(response.body, { maxBytes: 1e9 })",
      ],
      ["answers of half the size", "const maxBytes = 512 * 1024", "const maxBytes = 256 * 1024"],
      ["errors with keys", "if (!response.ok) {", "if (false) {"],
      ["answers that never come", "signal: limitTime(timeoutMs)", "signal: limitTime(60_000)"],
      ["Retry-After of outages", "retryAfterSeconds = 1,", "retryAfterSeconds = 2,"],
      [
        "the cause is shown",
        'return new AppError("keys_unavailable", message, {',
        'return new AppError("keys_unavailable", `${message} ${detail}`, {',
      ],
    ],
  },
  {
    file: "lib/auth/server/discover-keys.ts",
    tests: [
      "verification/issuer-keys.test.ts",
      "auth-server/issuer-authority.test.ts",
      "auth-server/discover-keys.test.ts",
    ],
    mutations: [
      ["metadata of another issuer", "if (named !== issuer) {", "if (false) {"],
      ["keys anywhere", "if (!parsed || !mayServeKeys(parsed, issuer)) {", "if (!parsed) {"],
      ["keys by http", "return isSafeUrl(url) && ", "return "],
      ["keys behind a password", "!hasUser && ", ""],
      ["keys of this machine", " && (isLoopbackUrl(issuer) || !isLoopbackHost(url.hostname))", ""],
      ["no keys of this machine", "isLoopbackUrl(issuer) || ", ""],
      [
        "no OAuth metadata",
        "return readKeyUrl(second, issuer, timeoutMs).catch(() => Promise.reject(error));",
        "throw error;",
      ],
      ["a slash in the middle", 'pathname.replace(/\\/$/, "")', "pathname"],
    ],
  },
  {
    file: "lib/auth/server/issuer-authority.ts",
    tests: [
      "verification/issuer-keys.test.ts",
      "verification/issuer-claims.test.ts",
      "auth-server/issuer-authority.test.ts",
    ],
    mutations: [
      [
        "the claims are not looked at",
        "      checkIssuerClaims(claims, expectation, nowSeconds(clock));\n",
        "",
      ],
      ["the configured address is not used", "options.jwksUri ?? discovered", "discovered"],
      ["discovery each time", "options.jwksUri ?? discovered ??", "options.jwksUri ??"],
      ["keys never move", "    discovered = undefined;\n", "    discovered = url;\n"],
      ["empty sets do not move", "if (keys.length > 0) discovered = url;", "discovered = url;"],
    ],
  },
];
