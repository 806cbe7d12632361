import { toSafeJson } from "../base/text.ts";
import type { ShownAddress, ShownDeviceCode, ShownWait } from "./sign-in-prompts.ts";

/*
 * What a person has to do to sign in, as one JSON line each, for programs that show it in a way of their own:
 * {"event":"device_code","verificationUri","userCode","expiresInSeconds","message"}
 * {"event":"browser","address","isFallback"}
 * {"event":"wait","reason","seconds"}
 */

/** A place for lines. */
interface Output {
  write(text: string): unknown;
}

/** Tells another program what signing in needs. */
export function createSignInEvents(output: Output) {
  const tell = (event: Readonly<Record<string, unknown>>) => void output.write(`${toSafeJson(event)}\n`);
  return {
    showDeviceCode: ({ verificationUri, userCode, expiresInSeconds, message }: ShownDeviceCode) =>
      tell({ event: "device_code", verificationUri, userCode, expiresInSeconds, message }),
    showAddress: ({ address, isFallback }: ShownAddress) => tell({ event: "browser", address, isFallback }),
    showWait: ({ reason, seconds }: ShownWait) => tell({ event: "wait", reason, seconds }),
  };
}
