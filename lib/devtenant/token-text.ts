import type { Claims } from "./token-claims.ts";
import type { RawPart, SignatureDamage } from "./token-overrides.ts";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

function encode(data: string | Uint8Array): string {
  return Buffer.from(data).toString("base64url");
}

/** Writes a header or claims as a segment; what stands in their place is not looked into. */
export function writePart(members: Claims, raw?: RawPart): string {
  if (raw === undefined) return encode(JSON.stringify(members));
  return typeof raw === "string" ? encode(raw) : raw.segment;
}

/** Turns a bit in the middle. */
function alter(bytes: Uint8Array): Uint8Array {
  const middle = bytes.length >> 1;
  return bytes.with(middle, (bytes[middle] ?? 0) ^ 1);
}

/** Sets a bit that decoders drop: none of our signatures fills its last character. */
function loosen(segment: string): string {
  const last = alphabet.indexOf(segment.slice(-1));
  return segment.slice(0, -1) + (alphabet[last ^ 1] ?? "");
}

/** Writes a signature as a segment, damaged on request. */
export function writeSignature(signature: Uint8Array, damage?: SignatureDamage): string {
  switch (damage) {
    case "cut":
      return encode(signature.subarray(0, -1));
    case "altered":
      return encode(alter(signature));
    case "noncanonical":
      return loosen(encode(signature));
    case undefined:
      return encode(signature);
  }
}

/** Cuts a token of three segments off after so many, or adds segments, each an empty JSON object. */
export function setSegments(token: string, count: number): string {
  if (count < 3) return token.split(".", count).join(".");
  return token + ".e30".repeat(count - 3);
}
