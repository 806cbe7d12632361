import { exchangeRaw } from "../transport-server/raw-socket.ts";
import type { Answer } from "./expect-answer.ts";
import { type Stack, whoAmIRequest } from "./start-stack.ts";

/** Sends the usual request with these header lines as they stand: nobody tidies them up. */
export async function askRaw(stack: Stack, headerLines: readonly string[], target = "/mcp"): Promise<Answer> {
  const { host } = new URL(stack.origin);
  const lines = [
    `POST ${target} HTTP/1.1`,
    `Host: ${host}`,
    ...Object.entries(whoAmIRequest.headers).map(([name, value]) => `${name}: ${value}`),
    `Content-Length: ${whoAmIRequest.body.length}`,
    "Connection: close",
    ...headerLines,
  ];
  const answer = await exchangeRaw(stack.origin, `${lines.join("\r\n")}\r\n\r\n${whoAmIRequest.body}`);
  const [head = "", body = ""] = answer.split("\r\n\r\n", 2);
  const [statusLine = "", ...fields] = head.split("\r\n");
  const headers = new Headers(
    fields.map((field): [string, string] => {
      const colon = field.indexOf(":");
      return [field.slice(0, colon), field.slice(colon + 1).trim()];
    }),
  );
  return { status: Number(statusLine.split(" ")[1]), headers, text: async () => body };
}
