/** Settings of the commands that call a tool: where its arguments come from, beside `key=value` words. */
export const argumentOptions = {
  args: {
    kind: "text",
    flag: "args",
    hint: "JSON",
    help: "Arguments as a JSON object; single key=value words win over it.",
  },
  argsFile: {
    kind: "text",
    flag: "args-file",
    hint: "FILE",
    help: "File with arguments as a JSON object; --args and words win over it.",
  },
} as const;

/** Their names, in the order of the help. */
export const argumentOptionNames = ["args", "argsFile"] as const;
