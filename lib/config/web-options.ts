import { quote } from "../base/text.ts";

/** Says what is wrong with a web origin, or nothing. */
export function checkOrigin(text: string): string | undefined {
  const url = URL.parse(text);
  const isOrigin = url !== null && url.origin === text.toLowerCase().replace(/\/$/, "");
  // A pattern is a host name like any other here, and would never match.
  const isExact = !text.includes("*");
  if (isOrigin && isExact && ["http:", "https:"].includes(url.protocol)) return undefined;
  return `takes origins like https://app.contoso.com, without path, not ${quote(text)}.`;
}

/** Settings of `mcp-server` for browsers and scripts: the REST API and the page. */
export const webOptions = {
  noWeb: {
    kind: "switch",
    flag: "no-web",
    help: "Serve MCP alone, without the REST API and the page.",
  },
  corsOrigins: {
    kind: "list",
    flag: "cors-origins",
    hint: "ORIGIN,...",
    env: ["MCP_CORS_ORIGINS"],
    help: "Web origins, e.g. https://app.contoso.com, whose pages may send requests and read the answers.",
    defaultText: "none",
    check: checkOrigin,
  },
} as const;

/** Their names, in the order of the help. */
export const webOptionNames = Object.keys(webOptions) as readonly (keyof typeof webOptions)[];
