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

/** Variables that are honoured on the network and on a terminal, and are no settings of ours. */
export const honouredVariables = [
  ["HTTPS_PROXY, HTTP_PROXY", "Proxy that leads out; this machine is never reached through one."],
  ["NO_PROXY", "Hosts that are reached without it."],
  ["NODE_EXTRA_CA_CERTS", "PEM file with certificates of further authorities to trust (also SSL_CERT_FILE)."],
  ["BROWSER", "Program that opens an address, in place of the platform's own."],
  ["NO_COLOR", "Where it is set, nothing is coloured."],
] as const;
