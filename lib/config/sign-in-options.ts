/** How a person signs in. */
export const loginModes = ["auto", "device", "browser"] as const;
export type LoginMode = (typeof loginModes)[number];

/** Settings of how a person signs in with Microsoft Entra ID. */
export const signInOptions = {
  login: {
    kind: "choice",
    choices: loginModes,
    flag: "login",
    env: ["MCP_LOGIN"],
    folder: "ignore",
    help: "How to sign in: by device code, in a browser on this machine, or by device code first and in a browser where the tenant blocks that.",
    default: "auto",
  },
  account: {
    kind: "text",
    flag: "account",
    hint: "NAME|ID",
    env: ["MCP_ACCOUNT"],
    folder: "ignore",
    help: "Which of several accounts in the token cache: user name, object id or account id.",
    defaultText: "the only one",
  },
} as const;
