/** Settings of the commands of `mcp-server` that look and change nothing. */
export const diagnosisOptions = {
  offline: {
    kind: "switch",
    flag: "offline",
    help: "Ask nobody: neither tenant nor signature of the token are looked up.",
  },
} as const;
