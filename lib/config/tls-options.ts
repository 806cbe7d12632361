/** Settings of TLS without a proxy in front. */
export const tlsOptions = {
  tlsCert: {
    kind: "text",
    flag: "tls-cert",
    hint: "FILE",
    env: ["MCP_TLS_CERT"],
    folder: "ignore",
    group: "TLS",
    help: "Serve https with this certificate and its intermediate ones (PEM). Read once, at the start.",
  },
  tlsKey: {
    kind: "text",
    flag: "tls-key",
    hint: "FILE",
    env: ["MCP_TLS_KEY"],
    folder: "ignore",
    group: "TLS",
    help: "Private key of --tls-cert (PEM, without passphrase).",
  },
} as const;

/** Their names, in the order of the help. */
export const tlsOptionNames = ["tlsCert", "tlsKey"] as const;
