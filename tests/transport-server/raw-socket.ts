import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** Opens a bare connection and sends this much of a request. */
export async function sendRaw(origin: string, text: string): Promise<Socket> {
  const socket = connect(Number(new URL(origin).port), "127.0.0.1");
  socket.on("error", () => {});
  await once(socket, "connect");
  socket.write(text);
  return socket;
}

/** Sends a whole request and reads all that comes back. */
export async function exchangeRaw(origin: string, text: string): Promise<string> {
  const socket = await sendRaw(origin, text);
  let answer = "";
  for await (const chunk of socket) answer += String(chunk);
  return answer;
}
