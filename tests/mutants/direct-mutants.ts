import type { MutantGroup } from "./mutant.ts";

const matching = ["transport-server/match-call.test.ts", "transport-server/direct-path.test.ts"];

/** What keeps a request off the direct path. */
export const directMutants: readonly MutantGroup[] = [
  {
    file: "lib/transport/server/direct/match-call.ts",
    tests: matching,
    mutations: [
      [
        "a member that the SDKs take out",
        '  if (args && Object.hasOwn(args, "__proto__")) return undefined;\n',
        "",
      ],
      [
        "identifiers of any length",
        'isShortIdentifier(value) && (typeof value === "string" || Number.isSafeInteger(value))',
        'typeof value === "string" || Number.isSafeInteger(value)',
      ],
      [
        "identifiers that are any number",
        ' && (typeof value === "string" || Number.isSafeInteger(value))',
        "",
      ],
      [
        "inherited names are capabilities",
        "Object.hasOwn(capabilityMembers, name) ? capabilityMembers[name] : undefined",
        "capabilityMembers[name]",
      ],
      [
        "unknown capabilities",
        "if (!known || !isJsonObject(capability)) return false;",
        "if (!known) return true;\n  if (!isJsonObject(capability)) return false;",
      ],
      [
        "capabilities that are no objects",
        "!known || !isJsonObject(capability)) return false;",
        "!known) return false;\n  if (!isJsonObject(capability)) return true;",
      ],
      ["unknown members of capabilities", "    if (!known.includes(member)) return false;\n", ""],
      ["flags of any type", 'return typeof value === "boolean"', "return true"],
      [
        "lists in capabilities",
        "return isJsonObject(value) && Object.keys(value)",
        "return Object.keys(Object(value))",
      ],
      ["members of members of capabilities", " && Object.keys(value).length === 0", ""],
      [
        "a list of capabilities",
        "  if (!isJsonObject(capabilities)) return false;\n  for",
        "  if (!isJsonObject(capabilities)) return true;\n  for",
      ],
      [
        "any capabilities",
        "  for (const name in capabilities) if (!isKnownCapability(name, capabilities[name])) return false;\n",
        "",
      ],
      [
        "client info that is no object",
        "if (!isJsonObject(info) ||",
        "if (!isJsonObject(info)) return true;\n  if (",
      ],
      ["client info without a name", 'typeof info["name"] !== "string" || ', ""],
      ["client info without a version", ' || typeof info["version"] !== "string")', ")"],
      ["unknown members of client info", "!isKnown || typeof info", "typeof info"],
      ["members of client info of any type", '!isKnown || typeof info[member] !== "string"', "!isKnown"],
      ["an envelope of another revision", "return value === modernRevision", "return true"],
      [
        "capabilities are not looked at",
        "return areKnownCapabilities(value)",
        "return areKnownCapabilities(value) || true",
      ],
      [
        "client info is not looked at",
        "return isPlainClientInfo(value)",
        "return isPlainClientInfo(value) || true",
      ],
      [
        "unknown members of the envelope",
        'return member === "progressToken" && isIdentifier(value)',
        'return member !== "progressToken" || isIdentifier(value)',
      ],
      [
        "progress tokens of any type",
        'member === "progressToken" && isIdentifier(value)',
        'member === "progressToken"',
      ],
      [
        "an envelope that is no object",
        "  if (!isJsonObject(meta)) return false;\n  for (const member in meta) if (!isModernMember",
        "  if (!isJsonObject(meta)) return true;\n  for (const member in meta) if (!isModernMember",
      ],
      [
        "no look into the envelope",
        "  for (const member in meta) if (!isModernMember(member, meta[member])) return false;\n",
        "",
      ],
      ["an envelope without a revision", "meta[versionKey] !== undefined && ", ""],
      ["an envelope without capabilities", " && meta[capabilitiesKey] !== undefined", ""],
      [
        "a session's _meta that is no object",
        '  if (!isJsonObject(meta)) return false;\n  for (const member in meta) if (member !== "prog',
        '  if (!isJsonObject(meta)) return true;\n  for (const member in meta) if (member !== "prog',
      ],
      [
        "any member of a session's _meta",
        'if (member !== "progressToken" || !',
        'if (member === "progressToken" && !',
      ],
      [
        "a session's progress tokens of any type",
        'member !== "progressToken" || !isIdentifier(meta[member])',
        'member !== "progressToken"',
      ],
      ["a session must send _meta", "  if (meta === undefined) return true;\n", ""],
      [
        "any JSON-RPC revision",
        'if (!isJsonObject(body) || body["jsonrpc"] !== "2.0") return',
        "if (!isJsonObject(body)) return",
      ],
      [
        "batches",
        "if (!isJsonObject(body) || ",
        "if (Array.isArray(body)) body = body[0];\n  if (!isJsonObject(body) || ",
      ],
      ["ids of any type", "if (!isIdentifier(id) || ", "if ("],
      ["further members of the message", " || Object.keys(body).length !== 4", ""],
      [
        "methods that are not tools/call",
        '  if (request?.method !== "tools/call") return',
        "  if (!request) return",
      ],
      ["arguments that are no object", " || (args !== undefined && !isJsonObject(args))", ""],
      [
        "further members of params",
        '    if (member !== "name" && member !== "arguments" && member !== "_meta") return undefined;\n',
        "    void member;\n",
      ],
      ["any media type", 'headers.get("content-type") === "application/json" && ', ""],
      ["any Accept", ' && acceptsBoth.has(headers.get("accept"))', ""],
      [
        "calls of any revision",
        '): DirectCall | undefined {\n  if (headers.get("mcp-protocol-version") !== modernRevision) return undefined;\n',
        "): DirectCall | undefined {\n",
      ],
      ["calls with any envelope", "if (!call || !isModernMeta(meta) ||", "if (!call ||"],
      [
        "calls with any headers",
        "!isModernMeta(meta) || !hasPlainHeaders(headers)) return",
        "!isModernMeta(meta)) return",
      ],
      ["calls of any Mcp-Method", 'headers.get("mcp-method") === "tools/call" && ', ""],
      ["calls of any Mcp-Name", ' && headers.get("mcp-name") === call.name', ""],
      [
        "questions of any revision",
        '): DirectQuestion | undefined {\n  if (headers.get("mcp-protocol-version") !== modernRevision) return undefined;\n',
        "): DirectQuestion | undefined {\n",
      ],
      ["questions with parameters", " || Object.keys(params).length !== 1", ""],
      ["questions with any envelope", 'if (!isModernMeta(params["_meta"]) || ', "if ("],
      [
        "questions with any headers",
        '!isModernMeta(params["_meta"]) || !hasPlainHeaders(headers)',
        '!isModernMeta(params["_meta"])',
      ],
      ["questions of any Mcp-Method", 'headers.get("mcp-method") === method && ', ""],
      ["questions with Mcp-Name", ' && !headers.has("mcp-name") ?', " ?"],
      ["sessions of any revision", 'if (headers.get("mcp-protocol-version") !== revision || rev', "if (rev"],
      ["sessions before 2025-06-18", ' || revision < "2025-06-18"', ""],
      ["sessions with any _meta", "!isSessionMeta(meta) || ", ""],
      [
        "sessions with any headers",
        "!isSessionMeta(meta) || !hasPlainHeaders(headers)",
        "!isSessionMeta(meta)",
      ],
      ["sessions with Mcp-Method", 'headers.has("mcp-method") || ', ""],
      ["sessions with Mcp-Name", ' || headers.has("mcp-name") ?', " ?"],
    ],
  },
  {
    file: "lib/transport/server/direct/direct-path.ts",
    tests: [
      "transport-server/match-call.test.ts",
      "transport-server/limits.test.ts",
      "transport-server/session-limits.test.ts",
      "transport-server/direct-path.test.ts",
    ],
    mutations: [
      ["any method", '    if (method !== "POST") return undefined;\n', ""],
      [
        "calls that name a session are of 2026-07-28",
        '    if (!headers.has("mcp-session-id")) {',
        '    if (matchModernCall(headers, body) || matchModernQuestion(headers, body) || !headers.has("mcp-session-id")) {',
      ],
      [
        "tools that are not there",
        "return tools.has(call.name) ? answerModernCall(call, admitted, options) : undefined",
        "return answerModernCall(call, admitted, options)",
      ],
      ["tools that are not there, in a session", " || !tools.has(call.name) || session", " || session"],
      ["ids that are in use", " || session.running.get(call.id)) return", ") return"],
      ["kept answers are not counted", "  takeCall(calls, caller)();\n", ""],
      ["kept answers count for ever", "takeCall(calls, caller)();", "takeCall(calls, caller);"],
      [
        "every session is the latest revision's",
        "matchSessionCall(headers, body, session.protocolVersion)",
        'matchSessionCall(headers, body, "2025-11-25")',
      ],
    ],
  },
  {
    file: "lib/transport/server/direct/answer.ts",
    tests: ["transport-server/direct-calls.test.ts", "transport-server/direct-path.test.ts"],
    mutations: [
      ["what is not ours to show is shown", '"The server failed."', "String(thrown)"],
      ["our own errors are hidden", "!(thrown instanceof AppError)", "true"],
    ],
  },
];
