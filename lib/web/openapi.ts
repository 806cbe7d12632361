import { programVersion } from "../base/version.ts";
import type { ListedTool, ObjectSchemaDocument, PageConfig } from "./contract.ts";
import { apiSchemas, type SchemaPart } from "./openapi-schemas.ts";

type Part = Readonly<Record<string, unknown>>;

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const jsonOf = (schema: SchemaPart) => ({ "application/json": { schema } });
const problem = { "application/problem+json": { schema: ref("Problem") } };
const stringHeader = (description: string) => ({ description, schema: { type: "string" } });
const retryAfter = { "Retry-After": stringHeader("Seconds after which a retry makes sense.") };
const allow = { Allow: stringHeader("Methods it takes.") };
const challenge = { "WWW-Authenticate": stringHeader("Bearer challenge (RFC 6750, RFC 9728).") };

/** Every failure of an operation by its status. */
const failures: Readonly<Record<string, Part>> = {
  400: {
    description: "The arguments, the JSON or the Authorization header are not valid.",
    headers: challenge,
  },
  401: { description: "There is no token, or it is not accepted.", headers: challenge },
  403: {
    description: "The token lacks a scope, its caller is not let in, or the Host or Origin is not allowed.",
    headers: challenge,
  },
  405: { description: "The path does not take this method.", headers: allow },
  406: { description: "None of the media types in Accept can be answered." },
  408: { description: "The body did not come in time." },
  413: {
    description:
      "The body is too large or nested too deeply. Of one that is far too large, without a problem.",
  },
  415: { description: "The body is not application/json, or is compressed." },
  422: { description: "The tool failed." },
  429: { description: "Too many requests or calls at a time.", headers: retryAfter },
  500: { description: "The server failed." },
  503: { description: "The server stops, or cannot check tokens at the moment.", headers: retryAfter },
  504: { description: "The tool did not finish in time." },
};

const failuresOfGet = ["400", "401", "403", "405", "406", "429", "500", "503"] as const;
const failuresOfPost = [...failuresOfGet, "408", "413", "415"] as const;
const failuresOfCall = [...failuresOfPost, "422", "504"] as const;

/** Responses of the document's components, by the names under which operations refer to them. */
function describeFailures(): Part {
  const named = Object.entries(failures).map(
    ([status, failure]) => [`Problem${status}`, { ...failure, content: problem }] as const,
  );
  return Object.fromEntries(named);
}

function failuresFor(statuses: readonly string[]): Part {
  const refTo = (status: string) => ({ $ref: `#/components/responses/Problem${status}` });
  return Object.fromEntries(statuses.toSorted().map((status) => [status, refTo(status)]));
}

function describeGet(operationId: string, summary: string, schema: string): Part {
  const success = { description: summary, content: jsonOf(ref(schema)) };
  return { operationId, summary, responses: { 200: success, ...failuresFor(failuresOfGet) } };
}

/** A tool's schema within the document. Its references stay its own by an `$id`. */
function embed(schema: ObjectSchemaDocument, id: string): SchemaPart {
  const { $schema, ...embedded } = schema;
  return $schema !== undefined && "$defs" in schema ? { $id: id, ...schema } : embedded;
}

const eventExample = [
  'event: progress\ndata: {"progress":1,"total":5}\n\n',
  'event: result\ndata: {"content":[{"type":"text","text":"{}"}],"structuredContent":{}}\n\n',
].join("");

const eventStream = {
  schema: {
    type: "string",
    description:
      "Server-sent events: progress ({progress, total?, message?}) as often as the tool reports it, then one " +
      "result ({content, structuredContent}) or error (a Problem). Hanging up cancels the call.",
  },
  example: eventExample,
};

function describeTool({ name, title, description, inputSchema, outputSchema }: ListedTool): Part {
  const success = {
    description: "The tool's structured result; with Accept: text/event-stream its progress, too.",
    content: { ...jsonOf(embed(outputSchema, `urn:tool:${name}:output`)), "text/event-stream": eventStream },
  };
  return {
    operationId: name,
    summary: title,
    description,
    tags: ["tools"],
    requestBody: { required: true, content: jsonOf(embed(inputSchema, `urn:tool:${name}:input`)) },
    responses: { 200: success, ...failuresFor(failuresOfCall) },
  };
}

const reverse = {
  operationId: "reverse",
  summary: "Reverse a text at once",
  requestBody: { required: true, content: jsonOf(ref("ReverseRequest")) },
  responses: {
    200: { description: "The text, reversed.", content: jsonOf(ref("ReverseAnswer")) },
    ...failuresFor(failuresOfPost),
  },
};

/** Security of everything but the operations that say otherwise. */
function describeSecurity({ authentication, scopes }: PageConfig): Part {
  if (authentication === "none") return { security: [] };
  return { security: [{ bearer: [...scopes] }] };
}

function describeSchemes({ authentication, authority, scopes }: PageConfig): Part {
  if (authentication === "none") return {};
  const description = `An access token of ${authority} with the scope ${scopes.join(" ")}.`;
  return {
    securitySchemes: { bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT", description } },
  };
}

/**
 * Describes the REST API, with a path for each tool.
 *
 * @see https://spec.openapis.org/oas/v3.1.1.html
 */
export function describeApi(tools: readonly ListedTool[], config: PageConfig): Part {
  const toolPaths = tools.map((tool) => [`/api/tools/${tool.name}`, { post: describeTool(tool) }] as const);
  const openConfig = {
    ...describeGet("getConfig", "What a page must know to sign in", "PageConfig"),
    security: [],
  };
  return {
    openapi: "3.1.1",
    info: {
      title: "mcp-server",
      version: programVersion,
      description: "The tools that are served over MCP at /mcp, for scripts and pages.",
    },
    ...describeSecurity(config),
    paths: {
      "/api/tools": { get: describeGet("listTools", "List the tools", "ToolList") },
      ...Object.fromEntries(toolPaths),
      "/api/me": { get: describeGet("getMe", "Say who the caller is", "Me") },
      "/api/config": { get: openConfig },
      "/api/openapi.json": {
        get: {
          operationId: "getApi",
          summary: "Describe this API",
          responses: {
            200: { description: "This document.", content: jsonOf({ type: "object" }) },
            ...failuresFor(failuresOfGet),
          },
        },
      },
      "/reverse": { post: reverse },
    },
    components: { schemas: apiSchemas, responses: describeFailures(), ...describeSchemes(config) },
  };
}
