import type { MutantGroup } from "./mutant.ts";

const browser = ["auth-client/sign-in-by-browser.test.ts"];
const machines = ["auth-client/machine-tokens.test.ts"];
const accounts = ["auth-client/accounts.test.ts"];
const stress = ["stress/shared-cache.test.ts"];

/** How people and machines sign in, whose token is taken, and what keeps the cache whole and closed. */
export const signInMutants: readonly MutantGroup[] = [
  {
    file: "lib/auth/client/callback-listener.ts",
    tests: [...browser, "auth-client-oauth/callback-listener.test.ts"],
    mutations: [
      ["any host name", 'request.headers.get("host") !== `${name}:${server.port}`', "false"],
      ["any path", "new URL(request.url).pathname !== path", "false"],
      ["any state", 'params.get("state") !== state || ', ""],
      ["parameters twice", " || !isOnce(params)", ""],
      ["more than one answer", "if (isTaken) return refuse(410);", ""],
      ["any method", 'if (request.method !== (isEntra ? "POST" : "GET")) return 405;', ""],
      ["any kind of body", 'type === "application/x-www-form-urlencoded" ?', "type !== null ?"],
      ["no end", "limitTime(limitMs, signal)", "limitTime(1e9, signal)"],
    ],
  },
  {
    file: "lib/auth/client/browser-code.ts",
    tests: browser,
    mutations: [
      ["any issuer", "iss !== null && !isIssuedBy(iss, authority)", "false"],
      ["another tenant of the same host", "if (isGuid(authority.tenant))", "if (false)"],
      ["errors are not read", 'if (oauth) throw describeOAuthError(oauth, "browser");', ""],
      ["one state for all", 'state: randomBytes(24).toString("base64url")', 'state: "A".repeat(32)'],
    ],
  },
  {
    file: "lib/auth/client/sign-in.ts",
    tests: [...browser, ...accounts],
    mutations: [
      ["no way out in a browser", "if (!mayFallBack(session, error)) throw error;", "throw error;"],
      ["a browser for --login device", 'isBlocked && options.login !== "device" && ', "isBlocked && "],
      ["a browser after any error", "return isBlocked && ", "return "],
      ["anybody in the asked one's place", "wanted === undefined || names.includes(wanted)", "true"],
    ],
  },
  {
    file: "lib/auth/client/choose-account.ts",
    tests: accounts,
    mutations: [
      [
        "the latest of several",
        "if (living.length <= 1) return ids[0];",
        "if (ids.length > 0) return ids[0];",
      ],
      [
        "names by letter case",
        "textOf(name).toLowerCase() === account.trim().toLowerCase()",
        "name === account",
      ],
      ["accounts that nobody asked for", "all.filter((id) => named.includes(id))", "all"],
    ],
  },
  {
    file: "lib/auth/client/cached-access-token.ts",
    tests: [...machines, ...accounts, "auth-client/cached-access-token.test.ts"],
    mutations: [
      [
        "applications' tokens for people and theirs for applications",
        ".filter((entry) => isOfCaller(entry, query))",
        "",
      ],
      ["tokens of any account", 'textOf(entry["home_account_id"]) !== accountId || ', ""],
    ],
  },
  {
    file: "lib/auth/client/machine/credential-file.ts",
    tests: machines,
    mutations: [
      ["secrets that others can read", "(stats.mode & 0o027) !== 0", "(stats.mode & 0o020) !== 0"],
      ["secrets that the group can change", "(stats.mode & 0o027) !== 0", "(stats.mode & 0o007) !== 0"],
      ["files of any size", "stats.size > maxBytes", "false"],
      ["empty files", 'if (text === "") throw', "if (false) throw"],
    ],
  },
  {
    file: "lib/auth/client/machine/client-certificate.ts",
    tests: machines,
    mutations: [
      ["a key of another certificate", "!certificate.checkPrivateKey(key)", "false"],
      [
        "keys that Entra does not take",
        'key.asymmetricKeyType !== "rsa" ||',
        'key.asymmetricKeyType === "dsa" && ',
      ],
      ["expired certificates", "|| clock.nowMs() > toMs)", "|| false)"],
    ],
  },
  {
    file: "lib/auth/client/machine/application-token.ts",
    tests: machines,
    mutations: [
      ["no look at the cache after the lock", "if (fresh) return fresh;", ""],
      ["no last minutes", "if (last && error", "if (!last && error"],
    ],
  },
  {
    file: "lib/config/machine-settings.ts",
    tests: ["config/machine-settings.test.ts"],
    mutations: [
      ["the first of several", "if (chosen.length <= 1) return", "if (chosen.length > 0) return"],
      ["OAuth's file of a secret", 'origins.clientSecretFile.kind === "flag" ? values', "true ? values"],
    ],
  },
  {
    file: "lib/auth/client/private-file.ts",
    tests: stress,
    mutations: [
      ["a cache open to others", 'open(temporary, "wx", 0o600)', 'open(temporary, "wx", 0o666)'],
      [
        "a cache that is written in place",
        "await rename(temporary, path);",
        'await (await open(path, "w", 0o600)).writeFile(text);',
      ],
    ],
  },
  {
    file: "lib/auth/client/file-lock.ts",
    tests: stress,
    mutations: [
      ["no lock", "if (await tryCreate(path, owner)) return;", "await tryCreate(path, owner); return;"],
    ],
  },
];
