import { answerText } from "./answer.ts";

const loopbackNames: readonly string[] = ["localhost", "127.0.0.1", "[::1]"];

function hostnameOf(host: string | null): string | undefined {
  return host === null ? undefined : (URL.parse(`http://${host}`)?.hostname ?? undefined);
}

/**
 * Refuses requests that reach us under somebody else's name (DNS rebinding) and writes that another site's
 * page sends, but for the one that is welcome; undefined where all is well. Does not tell the programs of this computer apart.
 */
export function guardLoopback(request: Request, welcomeOrigin?: string): Response | undefined {
  const host = request.headers.get("host");
  if (!loopbackNames.includes(hostnameOf(host) ?? "")) {
    return answerText("The dev tenant answers to loopback names only.", 403);
  }
  const origin = request.headers.get("origin");
  const isRead = request.method === "GET" || request.method === "HEAD";
  if (!isRead && origin !== null && origin !== `http://${host}` && origin !== welcomeOrigin) {
    return answerText("The dev tenant takes no posts from other origins.", 403);
  }
  return undefined;
}
