import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { CallToolRequestSchema, ListToolsRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import type { Toolset } from "../../../tools/toolset.ts";
import type { BindContext } from "../binders.ts";
import { noSchemaValidator } from "../no-schema-validator.ts";
import { capabilities, serverInfo } from "../server-info.ts";
import { invalidCallParams, invalidCursor, listToolPage } from "../tool-params.ts";
import { callToolLegacy } from "./call-tool.ts";
import { toProtocolError } from "./protocol-error.ts";

/** The SDK answers -32603 and zod's own text to what its schemas refuse (1.32.2); these answer -32602 in our words. */
const listRequest = ListToolsRequestSchema.extend({
  params: ListToolsRequestSchema.shape.params.catch(() => {
    throw toProtocolError(invalidCursor());
  }),
});
const callRequest = CallToolRequestSchema.extend({
  params: CallToolRequestSchema.shape.params.catch(() => {
    throw toProtocolError(invalidCallParams());
  }),
});

/** Serves a toolset in the revisions 2024-11-05 to 2025-11-25. */
export function bindToolsetLegacy(toolset: Toolset, { principal }: BindContext): Server {
  const server = new Server(serverInfo, {
    capabilities,
    jsonSchemaValidator: noSchemaValidator,
  });
  server.setRequestHandler(listRequest, ({ params }) => {
    try {
      return listToolPage(toolset, params?.cursor);
    } catch (thrown) {
      throw toProtocolError(thrown);
    }
  });
  server.setRequestHandler(callRequest, ({ params }, extra) =>
    callToolLegacy(toolset, { params, extra, principal }),
  );
  return server;
}
