/** Settings of the commands that print one result. */
export const outputOptions = {
  output: {
    kind: "text",
    flag: "output",
    short: "o",
    hint: "FILE",
    check: (path: string) =>
      path === "-" ? "takes a file; without it the result is on standard output." : undefined,
    help: "Write the result to a new file; of pictures, audio and other binary parts their bytes, further ones beside it as FILE-2 and so on.",
  },
  force: {
    kind: "switch",
    flag: "force",
    help: "With --output: replace the file where there is one.",
  },
} as const;

/** Their names, in the order of the help. */
export const outputOptionNames = ["output", "force"] as const;
