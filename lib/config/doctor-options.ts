/** Settings of `doctor`. */
export const doctorOptions = {
  tokenFile: {
    kind: "text",
    flag: "token-file",
    hint: "FILE",
    help: "Explain the access token in this file, or with - on standard input, without asking anybody.",
  },
} as const;
