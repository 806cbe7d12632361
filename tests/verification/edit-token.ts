import type { AccessTokenOverrides, RawPart } from "../../lib/devtenant/token-overrides.ts";
import type { TestTenant } from "./entra-table.ts";

type Edit = (text: string) => RawPart;

function readPart(token: string, index: 0 | 1): string {
  return Buffer.from(token.split(".")[index] ?? "", "base64url").toString();
}

/** A good token whose claims are written otherwise, and signed as they then stand. */
export function withClaimsText(edit: Edit) {
  return async (tenant: TestTenant): Promise<AccessTokenOverrides> => ({
    rawClaims: edit(readPart(await tenant.mintAccessToken(), 1)),
  });
}

/** A good token whose header is written otherwise, and signed as it then stands. */
export function withHeaderText(edit: Edit) {
  return async (tenant: TestTenant): Promise<AccessTokenOverrides> => ({
    rawHeader: edit(readPart(await tenant.mintAccessToken(), 0)),
  });
}

/** Adds members in front of all others. */
export function addFirst(members: string): Edit {
  return (text) => text.replace("{", `{${members},`);
}

/** Segments of a good token, put together otherwise. Nobody signs them anew. */
export function withSegments(join: (header: string, claims: string, signature: string) => string) {
  return async (tenant: TestTenant): Promise<string> => {
    const [header = "", claims = "", signature = ""] = (await tenant.mintAccessToken()).split(".");
    return join(header, claims, signature);
  };
}

/** Arrays in arrays, so many deep. */
export function nest(depth: number): string {
  return "[".repeat(depth) + "]".repeat(depth);
}

/** The times of a token, in seconds from now. */
export function withTimes(offsets: Readonly<Partial<Record<"exp" | "nbf" | "iat", number>>>) {
  return ({ clock }: TestTenant): AccessTokenOverrides => {
    const nowSeconds = clock.nowMs() / 1000;
    const times = Object.entries(offsets).map(([name, offset]) => [name, nowSeconds + offset]);
    return { claims: Object.fromEntries(times) };
  };
}
