import { expect, setDefaultTimeout, test } from "bun:test";
import { startProgram } from "../harness/program.ts";

setDefaultTimeout(20_000);

/** A server that answers nothing, hears no signal, and holds a line to the test for as long as it lives. */
const clinging = (port: number) => `
  const line = require("node:net").connect(${port}, "127.0.0.1");
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(name, () => {});
  process.stdin.on("end", () => line.write("no more input")).resume();
  setInterval(() => {}, 1000);
`;

test("a second Ctrl-C leaves no command behind, however it clings to life", async () => {
  const gone = Promise.withResolvers<void>();
  const started = Promise.withResolvers<void>();
  const closing = Promise.withResolvers<void>();
  using listener = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: { open: () => started.resolve(), data: () => closing.resolve(), close: () => gone.resolve() },
  });
  const command = [process.execPath, "-e", clinging(listener.port)];
  await using client = startProgram("mcp-client", { args: ["tools", "--", ...command] });
  await started.promise;
  client.kill("SIGINT");
  await closing.promise;
  client.kill("SIGINT");
  expect((await client.finished).exitCode).toBe(130);
  await gone.promise;
});
