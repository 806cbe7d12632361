/** Settings of how servers and sign-in services are reached. */
export const networkOptions = {
  caCert: {
    kind: "text",
    flag: "ca-cert",
    hint: "FILE",
    env: ["MCP_CA_CERT"],
    folder: "ignore",
    help: "PEM file with certificates of further authorities to trust, beside the system's.",
  },
} as const;
