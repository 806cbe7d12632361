import { describe, expect, test } from "bun:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import * as fc from "fast-check";
import { z } from "zod";
import { silentLog } from "../../lib/base/log.ts";
import { defineTool } from "../../lib/tools/tool.ts";
import { createToolset } from "../../lib/tools/toolset.ts";
import { describeApi } from "../../lib/web/openapi.ts";
import { arbitraryOf } from "./arbitrary-of.ts";
import { json, pageConfig, quick, startRest } from "./rest-server.ts";

type Json = { readonly [name: string]: Json };

const describeTools = (tools = quick, config = pageConfig) =>
  describeApi(createToolset(tools, { log: silentLog }).list(), config) as unknown as Json;

const recursiveTool = defineTool({
  name: "tree",
  title: "Tree",
  description: "Grows.",
  input: z.strictObject({
    get children() {
      return z.array(treeSchema);
    },
  }),
  output: z.strictObject({}),
  run: () => ({}),
});
const treeSchema: z.ZodObject = z.strictObject({
  get children() {
    return z.array(treeSchema);
  },
});

describe("the OpenAPI document", () => {
  test.each([
    ["of the built-in tools", describeTools()],
    ["without authentication", describeTools(quick, { ...pageConfig, authentication: "none", scopes: [] })],
    ["of a tool whose schema refers to itself", describeTools([recursiveTool])],
  ])("is valid OpenAPI 3.1: %s", async (_, document) => {
    const { valid, errors } = await new Validator().validate(structuredClone(document));
    expect(errors).toBeUndefined();
    expect(valid).toBe(true);
  });

  test("has a path for each tool with the tool's own schemas", () => {
    const list = createToolset(quick, { log: silentLog }).list();
    const { paths } = describeTools();
    for (const { name, inputSchema } of list) {
      const post = paths?.[`/api/tools/${name}`]?.["post"];
      const { $schema: _, ...schema } = inputSchema as Record<string, unknown>;
      expect(post?.["requestBody"]?.["content"]?.["application/json"]?.["schema"]).toEqual(schema as Json);
    }
    expect(Object.keys(paths ?? {}).toSorted()).toEqual([
      "/api/config",
      "/api/me",
      "/api/openapi.json",
      "/api/tools",
      "/api/tools/random_number_tool",
      "/api/tools/reverse_tool",
      "/reverse",
    ]);
  });

  test("asks for the token everywhere but for the configuration", () => {
    const { security, paths, components } = describeTools();
    expect(security).toEqual([{ bearer: ["api://api/execute"] }] as unknown as Json);
    expect(components?.["securitySchemes"]?.["bearer"]).toMatchObject({ type: "http", scheme: "bearer" });
    const open = Object.entries(paths ?? {}).flatMap(([path, item]) =>
      Object.values(item).some((operation) => "security" in operation) ? [path] : [],
    );
    expect(open).toEqual(["/api/config"]);
  });

  test("is what the server gives", async () => {
    await using server = startRest();
    const response = await fetch(`${server.origin}/api/openapi.json`, { headers: json });
    expect(await response.json()).toEqual(JSON.parse(JSON.stringify(describeTools())));
  });
});

/** Follows `$ref` within the document. */
function follow(document: Json, part: Json | undefined): Json | undefined {
  const ref = part?.["$ref"] as unknown as string | undefined;
  if (ref === undefined) return part;
  return ref
    .slice(2)
    .split("/")
    .reduce<Json | undefined>((at, name) => at?.[name], document);
}

/** An operation of the document that takes a body. */
interface Operation {
  readonly path: string;
  readonly input: Json;
  /** Checks an answer of that status and media type; undefined where the document knows no such answer. */
  validatorOf(status: number, mediaType: string): ValidateFunction | undefined;
}

function readOperations(document: Json): Operation[] {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema(document, "api");
  return Object.entries(document["paths"] ?? {}).flatMap(([path, { post }]) => {
    if (!post) return [];
    const content = post["requestBody"]?.["content"]?.["application/json"];
    const input = follow(document, content?.["schema"]) ?? {};
    const validatorOf = (status: number, mediaType: string) => {
      const response = follow(document, post["responses"]?.[status]);
      const schema = response?.["content"]?.[mediaType]?.["schema"];
      return schema && ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"api#/')));
    };
    return [{ path, input, validatorOf }];
  });
}

describe("a fuzzer that is driven by the document", () => {
  test.each(readOperations(describeTools()).map((operation) => [operation.path, operation] as const))(
    "finds nothing at %s that the document does not say, and no 5xx",
    async (path, { input, validatorOf }) => {
      await using server = startRest({
        limits: { callerRate: { perSecond: 0, burst: 1 }, addressRate: { perSecond: 0, burst: 1 } },
      });
      const accepted = new Ajv2020({ strict: false }).compile(JSON.parse(JSON.stringify(input)));
      const good = arbitraryOf(input);
      const body = fc.oneof(
        { weight: 3, arbitrary: good },
        { weight: 1, arbitrary: fc.jsonValue() },
        { weight: 1, arbitrary: fc.tuple(good, fc.dictionary(fc.string(), fc.jsonValue())).map(mix) },
      );
      const statuses = new Set<number>();
      await fc.assert(
        fc.asyncProperty(body, async (sent) => {
          const init = { method: "POST", headers: json, body: JSON.stringify(sent) };
          const response = await fetch(server.origin + path, init);
          const answer: unknown = await response.json();
          statuses.add(response.status);
          expect(response.status).toBeLessThan(500);
          const validate = validatorOf(response.status, response.headers.get("content-type") ?? "");
          if (!validate) throw new Error(`the document knows no ${response.status} of this kind`);
          expect(validate(answer) ? [] : validate.errors).toEqual([]);
          // What the document calls valid is never refused as invalid, nor the reverse.
          expect(response.status === 400).toBe(!accepted(sent));
        }),
        { numRuns: 300 },
      );
      expect(statuses).toContain(200);
      expect(statuses).toContain(400);
    },
    30_000,
  );
});

/** A good object with members that do not belong to it, or with other values. */
function mix([good, more]: [unknown, Record<string, unknown>]): unknown {
  return typeof good === "object" ? { ...good, ...more } : more;
}
