import { expect, test } from "bun:test";
import { connect } from "../../lib/transport/client/connect.ts";
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
