import { AppError } from "../../lib/base/errors.ts";

/** The bytes of a picture, of audio or of a resource that is no text. */
export interface BinaryPart {
  readonly bytes: Uint8Array;
  /** What the server says that they are. */
  readonly mimeType: string | undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function decode(base64: string): Uint8Array {
  try {
    return Uint8Array.fromBase64(base64);
  } catch (cause) {
    throw new AppError("protocol_error", "A binary part of the server's answer is not base64.", { cause });
  }
}

function base64Of(part: Readonly<Record<string, unknown>>): unknown {
  return part["type"] === "image" || part["type"] === "audio" ? part["data"] : part["blob"];
}

/**
 * The binary parts of content blocks (of a tool's result, of a prompt) or of a resource's contents, in MCP's shape.
 *
 * @throws `protocol_error` for what is not base64
 */
export function findBinaryParts(parts: readonly unknown[]): BinaryPart[] {
  return parts.flatMap((part) => {
    if (!isRecord(part)) return [];
    const holder = part["type"] === "resource" && isRecord(part["resource"]) ? part["resource"] : part;
    const base64 = base64Of(holder);
    if (typeof base64 !== "string") return [];
    const { mimeType } = holder;
    return [{ bytes: decode(base64), mimeType: typeof mimeType === "string" ? mimeType : undefined }];
  });
}
