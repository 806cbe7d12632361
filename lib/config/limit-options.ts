import { quote } from "../base/text.ts";

function checkAddressRange(text: string): string | undefined {
  const [address = "", prefix, ...rest] = text.split("/");
  // Loaded only here: an import would cost every start some milliseconds.
  const family = process.getBuiltinModule("node:net").isIP(address);
  const isWhole = prefix === undefined || /^\d{1,3}$/.test(prefix);
  const isRange = isWhole && Number(prefix ?? 0) <= (family === 6 ? 128 : 32);
  if (family !== 0 && isRange && rest.length === 0) return undefined;
  return `takes addresses like 10.0.0.4 and ranges like 10.0.0.0/8, not ${quote(text)}.`;
}

const group = "LIMITS";
const count = { kind: "number", group, integer: true, hint: "COUNT" } as const;
const rate = { kind: "number", group, integer: false, min: 0, max: 1_000_000, hint: "NUMBER" } as const;
const seconds = { kind: "number", group, integer: true, min: 1, hint: "SECONDS" } as const;
const bytes = { kind: "number", group, integer: true, hint: "BYTES" } as const;

/** Settings of `mcp-server` that bound what clients may do. A caller is who the token says, or an address. */
export const limitOptions = {
  trustedProxies: {
    kind: "list",
    group,
    flag: "trusted-proxies",
    hint: "ADDRESS|RANGE,...",
    env: ["MCP_TRUSTED_PROXIES"],
    help:
      "Proxies whose X-Forwarded-For says whose address a request is from, e.g. 10.0.0.0/8. " +
      "Without it all callers behind a proxy are one address.",
    defaultText: "none",
    check: checkAddressRange,
  },
  addressRate: {
    ...rate,
    flag: "address-rate",
    env: ["MCP_ADDRESS_RATE"],
    help: "Requests per second of one address (IPv6: /64), before its token is checked; 0 sets no limit.",
    default: 200,
  },
  addressBurst: {
    ...count,
    min: 1,
    max: 1_000_000,
    flag: "address-burst",
    env: ["MCP_ADDRESS_BURST"],
    help: "Requests that an address which was quiet may send at once, 1 to 1000000.",
    default: 1000,
  },
  callerRate: {
    ...rate,
    flag: "caller-rate",
    env: ["MCP_CALLER_RATE"],
    help: "Requests per second of one caller; without tokens a caller is an address. 0 sets no limit.",
    default: 100,
  },
  callerBurst: {
    ...count,
    min: 1,
    max: 1_000_000,
    flag: "caller-burst",
    env: ["MCP_CALLER_BURST"],
    help: "Requests that a caller who was quiet may send at once, 1 to 1000000.",
    default: 500,
  },
  callerCalls: {
    ...count,
    min: 1,
    max: 100_000,
    flag: "caller-calls",
    env: ["MCP_CALLER_CALLS"],
    help: "Calls of one caller that run at a time, 1 to 100000.",
    default: 64,
  },
  callerStreams: {
    ...count,
    min: 1,
    max: 100_000,
    flag: "caller-streams",
    env: ["MCP_CALLER_STREAMS"],
    help: "Listening streams of one caller, 1 to 100000.",
    default: 64,
  },
  callerSessions: {
    ...count,
    min: 1,
    max: 100_000,
    flag: "caller-sessions",
    env: ["MCP_CALLER_SESSIONS"],
    help: "Sessions of one caller, 1 to 100000; an idle one gives way to a new one.",
    default: 64,
  },
  maxSessions: {
    ...count,
    min: 1,
    max: 1_000_000,
    flag: "max-sessions",
    env: ["MCP_MAX_SESSIONS"],
    help: "Sessions of all callers, 1 to 1000000.",
    default: 4096,
  },
  sessionIdleSeconds: {
    ...seconds,
    max: 604_800,
    flag: "session-idle-seconds",
    env: ["MCP_SESSION_IDLE_SECONDS"],
    help: "After how long without requests, calls and streams a session ends, 1 to 604800 seconds.",
    default: 1800,
  },
  sessionMaxSeconds: {
    ...seconds,
    max: 2_592_000,
    flag: "session-max-seconds",
    env: ["MCP_SESSION_MAX_SECONDS"],
    help: "After how long a session ends in any case, 1 to 2592000 seconds.",
    default: 86_400,
  },
  eventBytes: {
    ...bytes,
    min: 0,
    max: 104_857_600,
    flag: "event-bytes",
    env: ["MCP_EVENT_BYTES"],
    help: "What is kept of a session's events for clients that come back, 0 to 104857600 bytes.",
    default: 1_048_576,
  },
  eventSeconds: {
    ...seconds,
    max: 86_400,
    flag: "event-seconds",
    env: ["MCP_EVENT_SECONDS"],
    help: "For how long they are kept, 1 to 86400 seconds.",
    default: 600,
  },
  unreadBytes: {
    ...bytes,
    min: 1024,
    max: 104_857_600,
    flag: "unread-bytes",
    env: ["MCP_UNREAD_BYTES"],
    help: "What a client may leave unread of a stream before it is cut, 1024 to 104857600 bytes.",
    default: 1_048_576,
  },
  bodyBytes: {
    ...bytes,
    min: 1024,
    max: 104_857_600,
    flag: "body-bytes",
    env: ["MCP_BODY_BYTES"],
    help: "Size of a request's body, 1024 to 104857600 bytes.",
    default: 4_194_304,
  },
  bodySeconds: {
    ...seconds,
    max: 3600,
    flag: "body-seconds",
    env: ["MCP_BODY_SECONDS"],
    help: "In how long the whole body must come, 1 to 3600 seconds.",
    default: 30,
  },
  bodyElements: {
    ...count,
    min: 16,
    max: 10_000_000,
    flag: "body-elements",
    env: ["MCP_BODY_ELEMENTS"],
    help: "Members and items in a request, a call's arguments among them, 16 to 10000000.",
    default: 100_000,
  },
  bodyDepth: {
    ...count,
    min: 8,
    max: 1000,
    flag: "body-depth",
    env: ["MCP_BODY_DEPTH"],
    help: "How deep they may be nested, 8 to 1000.",
    default: 64,
  },
  callSeconds: {
    ...seconds,
    max: 86_400,
    flag: "call-seconds",
    env: ["MCP_CALL_SECONDS"],
    help: "After how long a call is ended, 1 to 86400 seconds.",
    default: 300,
  },
} as const;

/** Their names, in the order of the help. */
export const limitOptionNames = Object.keys(limitOptions) as readonly (keyof typeof limitOptions)[];
