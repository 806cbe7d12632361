import { maxTextLength } from "../tools/reverse-tool.ts";

/** Part of a JSON Schema (2020-12), as OpenAPI 3.1 takes it. */
export type SchemaPart = Readonly<Record<string, unknown>>;

const text = { type: "string" } as const;
const texts = { type: "array", items: text } as const;
const flag = { type: "boolean" } as const;
const anyObject = { type: "object" } as const;

/** An object whose members are there, apart from those named. */
function objectOf(
  properties: Readonly<Record<string, SchemaPart>>,
  optional: readonly string[] = [],
): SchemaPart {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: "object", properties, required };
}

const authentication = { type: "string", enum: ["entra", "issuer", "none"] } as const;

const caller = objectOf(
  {
    name: text,
    username: text,
    tenantId: text,
    objectId: text,
    clientId: text,
    scopes: texts,
    roles: texts,
    kind: { type: "string", enum: ["person", "app"] },
    expiresAt: { type: "number", description: "Seconds since the Unix epoch." },
  },
  ["name", "username", "tenantId", "objectId", "clientId"],
);

const hints = ["readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"] as const;

const tool = objectOf({
  name: text,
  title: text,
  description: text,
  inputSchema: anyObject,
  outputSchema: anyObject,
  annotations: objectOf(Object.fromEntries(hints.map((name) => [name, flag])), hints),
});

/** What the REST API takes and answers, beside the tools' own schemas: the types of `contract.ts` in JSON Schema. */
export const apiSchemas: Readonly<Record<string, SchemaPart>> = {
  Problem: objectOf(
    {
      type: { const: "about:blank" },
      title: { ...text, description: "The status in words." },
      status: { type: "integer", minimum: 400, maximum: 599 },
      detail: { ...text, description: "One sentence for people." },
      code: {
        ...text,
        description: "Stable, to branch on.",
        examples: ["token_expired", "invalid_arguments"],
      },
      hint: { ...text, description: "What to do about it." },
    },
    ["hint"],
  ),
  ToolList: objectOf({ tools: { type: "array", items: tool } }),
  Me: objectOf({ authentication, caller: { anyOf: [caller, { type: "null" }] } }),
  PageConfig: objectOf(
    {
      authentication,
      authority: { ...text, format: "uri" },
      clientId: text,
      scopes: texts,
      isDevTenant: flag,
      product: objectOf({ name: text, version: text }),
    },
    ["authority", "clientId"],
  ),
  ReverseRequest: objectOf({ input_string: { ...text, minLength: 1, maxLength: maxTextLength } }),
  ReverseAnswer: objectOf({ reversed: text }),
};
