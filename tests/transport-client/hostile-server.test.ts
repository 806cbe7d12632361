import { expect, test } from "bun:test";
import { connect } from "../../lib/transport/client/connect.ts";
import { EventReader } from "../../lib/transport/client/event-reader.ts";
import { startSdkServer } from "./sdk-server.ts";
import { failureOf } from "./settled.ts";

const stream = { headers: { "content-type": "text/event-stream" } };

test("a first answer that can be taken up again, and never is, ends the connection attempt", async () => {
  const intercept = (request: Request) =>
    request.method === "GET"
      ? new Response(null, { status: 405 })
      : new Response("id: 1\ndata: {]\n\n", stream);
  await using server = startSdkServer({ tools: [], intercept });
  expect((await failureOf(connect({ url: server.url }))).code).toBe("connection_lost");
});

test("an event of empty lines is cut off like any other that is too large", () => {
  const reader = new EventReader(1000);
  const push = () => {
    for (let count = 0; count < 1000; count++) reader.push("data:\n");
  };
  expect(push).toThrow(expect.objectContaining({ code: "protocol_error" }));
});
