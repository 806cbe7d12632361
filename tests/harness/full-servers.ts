import { startSdkServer } from "../transport-client/sdk-server.ts";
import { bindFullLegacy, bindFullModern } from "./full-server.ts";
import { gate } from "../transport-client/settled.ts";

/** Starts the server that offers everything, over HTTP. */
export function startFullServer(eras: "modern" | "legacy") {
  const notes: string[] = [];
  const [started, cancelled] = [gate(), gate()];
  const note = (text: string) => {
    notes.push(text);
    if (text === "silent started") started.open();
    if (text === "silent cancelled") cancelled.open();
  };
  const bind = { modern: () => bindFullModern(note), legacy: () => bindFullLegacy(note) };
  const server = startSdkServer({ tools: [], eras, bind });
  return Object.assign(server, { notes, started: started.opened, cancelled: cancelled.opened });
}
