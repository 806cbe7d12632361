import { Server } from "@modelcontextprotocol/server";
import { z } from "zod";
import type { Toolset } from "../../../tools/toolset.ts";
import type { BindContext } from "../binders.ts";
import { noSchemaValidator } from "../no-schema-validator.ts";
import { capabilities, listCaching, serverInfo } from "../server-info.ts";
import { listToolPage } from "../tool-params.ts";
import { callToolModern } from "./call-tool.ts";
import { toProtocolError } from "./protocol-error.ts";

const listParams = z.looseObject({ cursor: z.unknown().optional() });

/** Serves a toolset in revision 2026-07-28. */
export function bindToolsetModern(toolset: Toolset, { principal }: BindContext): Server {
  const server = new Server(serverInfo, {
    capabilities,
    jsonSchemaValidator: noSchemaValidator,
    cacheHints: { "tools/list": listCaching, "server/discover": listCaching },
  });
  // With the SDK's own schema a cursor that is no string is answered with -32603 (2.4.0).
  server.setRequestHandler("tools/list", { params: listParams }, ({ cursor }) => {
    try {
      return listToolPage(toolset, cursor);
    } catch (thrown) {
      throw toProtocolError(thrown);
    }
  });
  server.setRequestHandler("tools/call", ({ params }, context) =>
    callToolModern(toolset, { params, context, principal }),
  );
  return server;
}
