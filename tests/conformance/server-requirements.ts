/** The revisions of MCP for which the suite has a frozen set of scenarios. */
export type Revision = "2025-11-25" | "2026-07-28";

/** What a server has to pass. */
export interface Requirements {
  readonly revision: Revision;
  /** Scenarios that the suite scores, frozen here by name: one that vanishes from the suite is missed. */
  readonly scored: readonly string[];
  /** Least number of checks in them: as many as the SDK's own fixture makes. */
  readonly minChecks: number;
  /** Scenarios that the suite runs and does not score, and that we hold ourselves to. */
  readonly unscored: readonly string[];
  /** Scenarios that the suite runs and that we do not serve, with the reason. */
  readonly notServed: Readonly<Record<string, string>>;
}

const inBoth = [
  "completion-complete",
  "tools-list",
  "tools-call-simple-text",
  "tools-call-image",
  "tools-call-audio",
  "tools-call-embedded-resource",
  "tools-call-mixed-content",
  "tools-call-error",
  "tools-call-with-progress",
  "server-sse-multiple-streams",
  "resources-list",
  "resources-read-text",
  "resources-read-binary",
  "resources-templates-read",
  "prompts-list",
  "prompts-get-simple",
  "prompts-get-with-args",
  "prompts-get-embedded-resource",
  "prompts-get-with-image",
  "dns-rebinding-protection",
];

const inputRequired = [
  "basic-elicitation",
  "basic-sampling",
  "basic-list-roots",
  "request-state",
  "multiple-input-requests",
  "multi-round",
  "missing-input-response",
  "non-tool-request",
  "result-type",
  "unsupported-methods",
  "tampered-state",
  "capability-check",
  "ignore-extra-params",
  "validate-input",
].map((name) => `input-required-result-${name}`);

const tasks = [
  "lifecycle",
  "capability-negotiation",
  "wire-fields",
  "request-state-removal",
  "mrtr-input",
  "request-headers",
  "dispatch-and-envelope",
  "status-notifications",
  "required-task-error",
  "mrtr-composition",
].map((name) => [`tasks-${name}`, "the tasks extension is not served"] as const);

/** What our server has to pass, by revision. */
export const requirements: readonly Requirements[] = [
  {
    revision: "2025-11-25",
    scored: [
      ...inBoth,
      "server-initialize",
      "logging-set-level",
      "ping",
      "tools-call-with-logging",
      "tools-call-sampling",
      "tools-call-elicitation",
      "elicitation-sep1034-defaults",
      "elicitation-sep1330-enums",
      "resources-subscribe",
      "resources-unsubscribe",
    ],
    minChecks: 70,
    unscored: ["server-session-lifecycle", "json-schema-2020-12", "server-sse-polling"],
    notServed: {},
  },
  {
    revision: "2026-07-28",
    scored: [...inBoth, "server-stateless", "caching", "sep-2164-resource-not-found", ...inputRequired],
    minChecks: 120,
    unscored: ["json-schema-2020-12", "http-header-validation"],
    notServed: {
      ...Object.fromEntries(tasks),
      "http-custom-header-server-validation": "the toolset refuses tools with x-mcp-header (DESIGN 4)",
    },
  },
];
