/** Settings that say which tool calls run without a question. */
export const approvalOptions = {
  allow: {
    kind: "lines",
    flag: "allow",
    hint: "PATTERN",
    help: "Tools that run without a question, e.g. 'get_*'; repeatable. Tools that only read, as the server says, do anyway.",
  },
  deny: {
    kind: "lines",
    flag: "deny",
    hint: "PATTERN",
    help: "Tools that never run, e.g. 'delete_*', whatever their case; repeatable, and wins over --allow.",
  },
} as const;
