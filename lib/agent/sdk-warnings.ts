/**
 * Stops the AI SDK from printing its warnings ("AI SDK Warning ..."); turns log them instead.
 *
 * The SDK has no other switch than this global, so it is set here, when a conversation starts, and nowhere else.
 */
export function silenceSdkWarnings(): void {
  globalThis.AI_SDK_LOG_WARNINGS = false;
}
