/** Settings on what the agent remembers, reads and prints. */
export const sessionOptions = {
  continue: {
    kind: "switch",
    flag: "continue",
    short: "c",
    help: "Go on with the newest session that was held with this server.",
  },
  resume: {
    kind: "text",
    flag: "resume",
    short: "r",
    hint: "ID",
    help: "Go on with this session; the beginning of its id is enough.",
  },
  ephemeral: {
    kind: "switch",
    flag: "ephemeral",
    env: ["MCP_AGENT_EPHEMERAL"],
    folder: "ignore",
    help: "Keep no record of this session.",
  },
  output: {
    kind: "choice",
    choices: ["text", "json", "ndjson"],
    flag: "output",
    short: "o",
    help: "What -p and prompts from a pipe print: the answer, a JSON object a turn, or a JSON line an event.",
    default: "text",
  },
} as const;

/** Their names, in the order of the help. */
export const sessionOptionNames = ["continue", "resume", "ephemeral", "output"] as const;
