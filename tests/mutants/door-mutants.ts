import type { MutantGroup } from "./mutant.ts";

/** The Authorization header, the answers, and the way from one to the other. */
export const doorMutants: readonly MutantGroup[] = [
  {
    file: "lib/auth/server/bearer.ts",
    tests: ["verification/bearer.test.ts", "auth-server/door.test.ts"],
    mutations: [
      ["another scheme is taken for Bearer", '|| scheme !== "bearer"', ""],
      [
        "the scheme in lower case alone",
        "/^bearer ([A-Za-z0-9\\-._~+/]+=*)$/i",
        "/^bearer ([A-Za-z0-9\\-._~+/]+=*)$/",
      ],
      ["the scheme in lower case alone, before", "[0]?.toLowerCase()", "[0]"],
      ["several spaces", "/^bearer (", "/^bearer +("],
      ["any text before", "/^bearer (", "/bearer ("],
      ["any text after", "=*)$/i", "=*)/i"],
      ["any characters", "[A-Za-z0-9\\-._~+/]+=*", "[^ ]+"],
      ["any length", "authorization.length > maxAuthorizationLength ? undefined : ", ""],
      ["two headers, the first without a token", "split(/[ ,]/, 1)", "split(/[ ]/, 1)"],
      ["white space in front", "authorization?.trimStart()", "authorization?"],
    ],
  },
  {
    file: "lib/auth/server/challenge.ts",
    tests: [
      "verification/bearer.test.ts",
      "verification/entra-claims.test.ts",
      "verification/key-store.test.ts",
    ],
    mutations: [
      ["quotes in a quoted value", ".replaceAll('\"', \"'\")", ""],
      ["any characters in a quoted value", '.replace(/[^\\x20-\\x21\\x23-\\x5B\\x5D-\\x7E]/g, "?")', ""],
      ["no reason code", "return `${error.code}: ${error.message}`", "return error.message"],
      ["no sentence", "return `${error.code}: ${error.message}`", "return error.code"],
      ["an error where no token was sent", "...(oauth === undefined ? [] : [`error=", "...([`error="],
      ["no error", '[`error="${oauth}"`]', "[]"],
      ["a reason in terse challenges", "oauth === undefined || isTerse ? []", "oauth === undefined ? []"],
      ["a reason in terse bodies", "...(isTerse ? {} : {", "...({"],
      ["no scope", '    `scope="${toQuotedText(scopes.join(" "))}"`,\n', ""],
      ["the first scope alone", 'scopes.join(" ")', 'scopes[0] ?? ""'],
      ["no metadata", '    `resource_metadata="${toQuotedText(metadataUrl)}"`,\n', ""],
      ["no challenge", "if (status < 500) ", "if (status < 400) "],
      ["a challenge where the keys are missing", "if (status < 500) ", ""],
      ["no Retry-After", "if (status === 503) ", "if (status === 599) "],
      ["Retry-After always 1", "error.retryAfterSeconds ?? 1", "1"],
      ["answers that may be kept", 'new Headers({ "cache-control": "no-store" })', "new Headers()"],
      ["no word for 503", 'status === 503 ? "temporarily_unavailable" : undefined', "undefined"],
      ["no reason member", ", reason: error.code", ""],
    ],
  },
  {
    file: "lib/auth/server/resource-metadata.ts",
    tests: ["verification/composition.test.ts", "auth-server/door.test.ts"],
    mutations: [
      ["a slash at the end of the address", '.replace(/\\/$/, "")', ""],
      ["no path in the address", '${pathname.replace(/\\/$/, "")}', ""],
      ["no scopes", "    scopes_supported: scopes,\n", ""],
      ["no issuers", "    authorization_servers: issuers,\n", ""],
      [
        "no client id",
        "...(publicClientId === undefined ? {} : { entra_public_client_id: publicClientId }),",
        "",
      ],
    ],
  },
  {
    file: "lib/transport/server/allow-lists.ts",
    tests: ["transport-server/allow-lists.test.ts"],
    mutations: [
      ["pages of any scheme", "!allowLists.ownSchemes.has(protocol) || ", ""],
      [
        "pages of names that are not allowed",
        " || checkHost(host, allowLists)) return false",
        ") return false",
      ],
      ["pages of another port", "URL.parse(`${protocol}//${host}`)?.origin === origin", "true"],
      ["plain pages beside TLS", "isTls || own?.protocol", "own?.protocol"],
      ["plain pages beside a proxy with TLS", 'isTls || own?.protocol === "https:"', "isTls"],
    ],
  },
  {
    file: "lib/transport/server/gate.ts",
    tests: [
      "verification/bearer.test.ts",
      "verification/composition.test.ts",
      "transport-server/gate.test.ts",
    ],
    mutations: [
      ["any host", "checkHost(host) ??\n", ""],
      ["any origin", 'checkOrigin(headers.get("origin"), host, allowLists) ??\n', ""],
      [
        "a token in the query",
        'request.headers.get("authorization")',
        'request.headers.get("authorization") ?? `Bearer ${new URL(request.url).searchParams.get("access_token")}`',
      ],
      [
        "a token in another header",
        'request.headers.get("authorization")',
        'request.headers.get("authorization") ?? request.headers.get("x-authorization")',
      ],
      [
        "reasons in spite of --terse-errors",
        "createRefusals(authentication);",
        "createRefusals({ ...authentication, isTerse: false });",
      ],
      ["failures told as refusals", 'if (error.code === "unexpected") {', "if (false) {"],
      [
        "refusals that nobody logs",
        'if (error.code !== "missing_token") lines',
        'if (error.code === "missing_token") lines',
      ],
      ["control characters in the log", "log.info(neutraliseLine(line))", "log.info(line)"],
      ["refusals without a sentence in the log", "Refused: ${code}: ${message}", "Refused: ${code}"],
      [
        "everybody comes in who is refused",
        "  return (thrown: unknown, knock: Knock): Admission => ({\n    isAdmitted: false,\n    response: refuse(thrown, knock),\n  });",
        "  return (thrown: unknown, knock: Knock): Admission => (refuse(thrown, knock), { isAdmitted: true, principal: undefined, caller: knock.address });",
      ],
      [
        "callers without their name who were verified before",
        "return admit(outcome, knock);",
        "return admit(undefined, knock);",
      ],
      [
        "callers without their name",
        ".then((principal) => admit(principal, knock))",
        ".then(() => admit(undefined, knock))",
      ],
    ],
  },
  {
    file: "lib/transport/server/allow-lists.ts",
    tests: ["transport-server/allow-lists.test.ts", "transport-server/gate.test.ts"],
    mutations: [
      ["a host that was refused once comes in", "if (!refusal) lastGood = host;", "lastGood = host;"],
    ],
  },
  {
    file: "lib/transport/server/refusals.ts",
    tests: ["transport-server/refusals.test.ts"],
    mutations: [
      ["another host's metadata", "${retryAfterSeconds} ${metadataUrl}", "${retryAfterSeconds}"],
      ["the last answer for every address", " || last.metadataUrl !== metadataUrl", ""],
      ["the last answer for every error", "last?.error !== error || ", "!last || "],
      ["another error's words", "${metadataUrl} ${message}`", "${metadataUrl}`"],
      ["another error's Retry-After", "${code} ${retryAfterSeconds}", "${code}"],
    ],
  },
  {
    file: "lib/transport/server/listen.ts",
    tests: [
      "verification/bearer.test.ts",
      "verification/composition.test.ts",
      "transport-server/gate.test.ts",
    ],
    mutations: [
      [
        "the bearer is not looked at",
        "const admission = gate.authenticate(request, address, writer);",
        "const admission = { isAdmitted: true, principal: undefined, caller: address } as never as ReturnType<typeof gate.authenticate>;",
      ],
      ["the door is not looked at", "gate.checkDoor(request, address, writer) ?? ", ""],
    ],
  },
  {
    file: "lib/base/errors.ts",
    tests: [
      "verification/bearer.test.ts",
      "verification/entra-keys.test.ts",
      "verification/entra-callers.test.ts",
    ],
    mutations: [
      [
        "401 while the keys are missing",
        "keys_unavailable: { exit: 4, status: 503, jsonRpc: -32603 }",
        "keys_unavailable: invalidToken",
      ],
      [
        "an error without a token",
        "missing_token: { exit: 3, status: 401, jsonRpc: -32603 }",
        "missing_token: invalidToken",
      ],
      [
        "401 for a missing scope",
        'insufficient_scope: { exit: 3, status: 403, jsonRpc: -32603, oauth: "insufficient_scope" }',
        "insufficient_scope: invalidToken",
      ],
      [
        "insufficient_scope for a guest",
        "guest_not_allowed: refused",
        'guest_not_allowed: { ...refused, oauth: "insufficient_scope" }',
      ],
      ["403 for a revoked token", "token_revoked: invalidToken", "token_revoked: refused"],
    ],
  },
];
