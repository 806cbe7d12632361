import { connect } from "node:net";
import type { BareAnswer } from "../rivals/bare.ts";
import { type Answer, createAnswerReader } from "./answer-reader.ts";
import type { LoadStep } from "./plan.ts";

/** Headers that the server's HTTP engine writes by itself. */
const own = ["date", "content-length", "transfer-encoding", "connection"];
const id = "1000000000";

/** Sends one request and reads its answer. */
export async function exchange(port: number, text: string): Promise<Answer> {
  const socket = connect(port, "127.0.0.1");
  const read = createAnswerReader();
  socket.setEncoding("latin1").write(text.replaceAll("{{id}}", id));
  for await (const piece of socket) {
    const answer = read(String(piece));
    if (answer) return answer;
  }
  throw new Error("the connection broke off");
}

/** The id of the session that an answer opens; empty where it opens none. */
export function sessionOf({ head }: Answer): string {
  return /\r\nmcp-session-id: *(\S+)/i.exec(head)?.[1] ?? "";
}

function headersOf({ head }: Answer): Record<string, string> {
  const lines = head.split("\r\n").slice(1);
  const pairs = lines.map((line): [string, string] => {
    const [name = "", ...rest] = line.split(": ");
    return [name.toLowerCase(), rest.join(": ")];
  });
  return Object.fromEntries(pairs.filter(([name]) => !own.includes(name)));
}

/** Takes the chunks' sizes out of a body. */
function dechunk(body: string): string {
  return body.replaceAll(/(^|\r\n)[0-9a-f]+\r\n/g, "").replace(/\r\n$/, "");
}

function toFrames(body: string): string[] {
  return dechunk(body)
    .split(/(?<=\n\n)/)
    .filter((frame) => frame !== "\r\n")
    .map((frame) => frame.replaceAll(id, "{{id}}"));
}

function toBareAnswer(answer: Answer, pauseMs: number): BareAnswer {
  const { status, body } = answer;
  const headers = headersOf(answer);
  if (headers["content-type"]?.startsWith("text/event-stream")) {
    return { status, headers, frames: toFrames(body), pauseMs };
  }
  if (body === "") return { status, headers };
  const { id: answered, ...json } = JSON.parse(body) as Record<string, unknown>;
  return { status, headers, json, hasId: answered !== undefined };
}

/** What the bare server has to answer, as the real one answers it. */
export async function captureAnswers(
  port: number,
  steps: readonly LoadStep[],
  pauseMs = 0,
): Promise<Readonly<Record<string, BareAnswer>>> {
  const answers: Record<string, BareAnswer> = {};
  let session = "";
  for (const { text } of steps) {
    const answer = await exchange(port, text.replaceAll("{{session}}", session));
    session ||= sessionOf(answer);
    const method = /"method":"([^"]+)"/.exec(text)?.[1] ?? text.slice(0, text.indexOf(" "));
    answers[method] = toBareAnswer(answer, pauseMs);
  }
  return answers;
}
