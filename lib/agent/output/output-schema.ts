import { z } from "zod";

/** Raised when a line loses a member or a member its meaning; new members and new types of lines do not raise it. */
const outputVersion = 1;

const v = z.literal(outputVersion);
const callId = z.string().meta({ description: "The same in all lines of one call." });
const tool = z.string().meta({ description: "As the server names it." });
const toolArguments = z.record(z.string(), z.unknown());

const usage = z
  .object({
    inputTokens: z.int().min(0),
    outputTokens: z.int().min(0),
    cachedInputTokens: z.int().min(0).optional(),
    reasoningTokens: z.int().min(0).optional(),
  })
  .meta({ description: "Tokens as the model's provider counts them." });

const error = z.object({ code: z.string(), message: z.string(), hint: z.string().optional() });
const callOutcome = z.enum(["done", "tool_error", "cancelled", "failed"]);
const turnOutcome = z.enum(["done", "interrupted", "failed", "step_limit"]);
const reason = z.enum(["not_approved", "denied", "invalid_arguments", "unknown_tool", "repeated"]);

const session = z.object({
  v,
  type: z.literal("session"),
  sessionId: z.string().optional().meta({ description: "Absent with --ephemeral." }),
  server: z.string(),
  model: z.string(),
});

const lines = [
  session,
  z.object({ v, type: z.literal("turn_started"), prompt: z.string() }),
  z.object({ v, type: z.literal("reasoning_delta"), text: z.string() }),
  z.object({ v, type: z.literal("reasoning_ended") }),
  z.object({ v, type: z.literal("text_delta"), text: z.string() }),
  z.object({ v, type: z.literal("text_ended") }),
  z.object({ v, type: z.literal("call_started"), callId, tool, arguments: toolArguments }),
  z.object({
    v,
    type: z.literal("call_progress"),
    callId,
    progress: z.number(),
    total: z.number().optional(),
    message: z.string().optional(),
  }),
  z.object({
    v,
    type: z.literal("call_ended"),
    callId,
    outcome: callOutcome,
    message: z.string().optional(),
    resultFile: z
      .string()
      .optional()
      .meta({ description: "Where a result is in full that the model got cut." }),
  }),
  z.object({ v, type: z.literal("call_refused"), callId, tool, reason }),
  z.object({
    v,
    type: z.literal("model_retry"),
    attempt: z.int().min(1),
    afterMs: z.number().min(0),
    message: z.string(),
  }),
  z.object({ v, type: z.literal("step_ended"), usage }),
  z.object({
    v,
    type: z.literal("tools_changed"),
    added: z.array(z.string()),
    removed: z.array(z.string()),
  }),
  z.object({
    v,
    type: z.literal("turn_ended"),
    outcome: turnOutcome,
    usage: usage.meta({ description: "Summed over the turn's steps." }),
    text: z.string().meta({ description: "The model's last answer." }),
    error: error.optional().meta({ description: "Why the turn failed." }),
  }),
] as const;

/** A line of `--output ndjson`. */
export const outputLineSchema = z
  .discriminatedUnion("type", lines)
  .meta({ title: "A line of mcp-agent --output ndjson" });

const call = z.object({
  callId,
  tool,
  arguments: toolArguments.optional(),
  outcome: z.union([callOutcome, z.literal("refused")]),
  reason: reason.optional(),
  message: z.string().optional(),
});

/** What `--output json` prints for a turn. */
export const outputTurnSchema = z
  .object({
    v,
    sessionId: z.string().optional(),
    server: z.string(),
    model: z.string(),
    outcome: turnOutcome,
    text: z.string(),
    calls: z.array(call),
    steps: z.int().min(0),
    usage,
    error: error.optional(),
  })
  .meta({ title: "What mcp-agent --output json prints for a turn" });

/** {@link outputLineSchema} as a type. */
export type OutputLine = z.infer<typeof outputLineSchema>;
/** {@link outputTurnSchema} as a type. */
export type OutputTurn = z.infer<typeof outputTurnSchema>;
/** A call in {@link OutputTurn}. */
export type OutputCall = z.infer<typeof call>;

/** The JSON Schemas (2020-12) of both, by the format's name. */
export function describeOutput(): { readonly ndjson: unknown; readonly json: unknown } {
  const convert = (schema: z.ZodType) => z.toJSONSchema(schema, { target: "draft-2020-12", io: "output" });
  return { ndjson: convert(outputLineSchema), json: convert(outputTurnSchema) };
}
