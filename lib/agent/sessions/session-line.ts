import { type ModelMessage, modelMessageSchema } from "ai";
import { z } from "zod";

/** The first line of a session's file. */
const headerSchema = z.object({
  type: z.literal("session"),
  /** Of the file's format. */
  v: z.literal(1),
  id: z.string().regex(/^\d{8}-\d{6}-[0-9a-f]{6}$/),
  /** ISO 8601. */
  startedAt: z.iso.datetime(),
  /** The server's address, or the command that is the server. */
  server: z.string(),
  model: z.string(),
});

const messagesSchema = z.object({ type: z.literal("messages"), messages: z.array(modelMessageSchema) });
/** What was said before is forgotten (`/clear`). */
const clearSchema = z.object({ type: z.literal("clear") });

/** What a session is, and where it was held. */
export type SessionHeader = z.infer<typeof headerSchema>;

/** A line after the first. */
export type SessionLine =
  { readonly type: "messages"; readonly messages: readonly ModelMessage[] } | { readonly type: "clear" };

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** Reads the first line of a session's file; undefined where it is none. */
export function parseHeader(line: string): SessionHeader | undefined {
  return headerSchema.safeParse(parseJson(line)).data;
}

const lineSchema = z.discriminatedUnion("type", [messagesSchema, clearSchema]);

/** Reads a further line; undefined where it is none, as the last one of a program that was killed. */
export function parseLine(line: string): SessionLine | undefined {
  return lineSchema.safeParse(parseJson(line)).data;
}
