const group = "OTHER CREDENTIALS";

/** Settings for credentials that others look after. Each takes the place of a sign-in and is never mixed with one. */
export const credentialOptions = {
  tokenCommand: {
    group,
    kind: "text",
    flag: "token-command",
    hint: "CMD",
    env: ["MCP_TOKEN_COMMAND"],
    folder: "ignore",
    help: "Program that prints an access token, run without a shell: words split at blanks, \"...\" and '...' keep them together, nothing is expanded.",
  },
  header: {
    group,
    kind: "lines",
    flag: "header",
    hint: "NAME:VALUE",
    help: "Header for every request to the server, as often as needed; ${VAR} stands for a variable. Not Authorization, not Cookie.",
  },
  headerFile: {
    group,
    kind: "text",
    flag: "header-file",
    hint: "FILE",
    env: ["MCP_HEADER_FILE"],
    folder: "ignore",
    help: "File of headers, one NAME: VALUE a line, readable for you alone, in place of a sign-in; may hold Authorization and Cookie.",
  },
} as const;

/** Their names, for the commands that take them. */
export const credentialNames = ["tokenCommand", "header", "headerFile"] as const;
