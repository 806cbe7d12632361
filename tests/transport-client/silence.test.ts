import { expect, test } from "bun:test";
import { connect } from "../../lib/transport/client/connect.ts";
import { startSdkServer } from "./sdk-server.ts";

const silent = {
  name: "silent",
  async run() {
    await Bun.sleep(31_000);
    return { content: [{ type: "text" as const, text: "at last" }] };
  },
};

test("a tool that is silent for 30 s is not cut off, in either era", async () => {
  await using server = startSdkServer({ tools: [silent] });
  const call = async (protocol: "auto" | "legacy") => {
    const connection = await connect({ url: server.url, protocol });
    const result = await connection.callTool("silent", {});
    await connection.close();
    return result.content;
  };
  const results = await Promise.all([call("auto"), call("legacy")]);
  expect(results).toEqual([[{ type: "text", text: "at last" }], [{ type: "text", text: "at last" }]]);
}, 60_000);
