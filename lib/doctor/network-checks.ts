import { lookup } from "node:dns/promises";
import { connect, isIP } from "node:net";
import { type Abortable, limitTime, unlessAborted } from "../base/abort.ts";
import { AppError, toAppError } from "../base/errors.ts";
import { explainUnreachable } from "../base/network-error.ts";
import { quote } from "../base/text.ts";
import { type Check, type Examination, ok, skipped, warning } from "./check.ts";
import { findProxy } from "./find-proxy.ts";
import { createNotedFetch } from "./noted-fetch.ts";
import { isLoopbackHost } from "../base/loopback.ts";

const timeoutMs = 10_000;

/** Where our own connection goes: to the proxy where there is one. */
function nextHop({ url, facts }: Examination): URL {
  return facts.proxy ?? url;
}

function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, "");
}

function portOf({ port, protocol }: URL): number {
  return Number(port || (protocol === "https:" ? 443 : 80));
}

function timedOut(what: string): AppError {
  return new AppError("timeout", `${what} takes longer than ${timeoutMs / 1000} s.`, {
    hint: "Check the network, the VPN and firewalls on the way.",
  });
}

async function withinTime<T>(what: string, work: Promise<T>, { signal }: Abortable): Promise<T> {
  const limited = limitTime(timeoutMs, signal);
  try {
    return await unlessAborted(work, limited);
  } catch (thrown) {
    if (limited.aborted && signal?.aborted !== true) throw timedOut(what);
    throw thrown;
  }
}

function proxyIsWrong(error: AppError, proxy: URL | undefined): AppError {
  if (!proxy) return error;
  return new AppError(error.code, `The proxy: ${error.message}`, {
    hint: "Check HTTPS_PROXY, HTTP_PROXY and ALL_PROXY; hosts that need no proxy stand in NO_PROXY.",
    cause: error,
  });
}

/** Name resolution of the server, or of the proxy on the way to it. */
export const nameCheck: Check = {
  id: "name",
  title: "Name",
  async run(examination, options) {
    const { url, settings, facts } = examination;
    facts.proxy = findProxy(url, settings.environment);
    const hop = nextHop(examination);
    const host = hostOf(hop);
    if (isIP(host) !== 0) return ok(`${host} is an address`);
    try {
      const found = await withinTime(`Looking up ${quote(host)}`, lookup(host, { all: true }), options);
      const addresses = [...new Set(found.map(({ address }) => address))].slice(0, 4);
      return ok(`${quote(host)}${facts.proxy ? ", the proxy," : ""} is ${addresses.join(", ")}`);
    } catch (thrown) {
      throw proxyIsWrong(explainUnreachable(thrown, hop) ?? toAppError(thrown), facts.proxy);
    }
  },
};

function openSocket(hop: URL, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostOf(hop), port: portOf(hop) });
    const onAbort = () => socket.destroy();
    signal.addEventListener("abort", onAbort, { once: true });
    socket.once("connect", () => {
      resolve(socket.remoteAddress ?? hop.hostname);
      socket.destroy();
    });
    socket.once("error", reject);
    socket.once("close", () => signal.removeEventListener("abort", onAbort));
  });
}

/** A TCP connection to the server, or to the proxy on the way to it. */
export const tcpCheck: Check = {
  id: "tcp",
  title: "Connection",
  async run(examination, options) {
    const hop = nextHop(examination);
    const aborter = new AbortController();
    try {
      const work = openSocket(hop, aborter.signal);
      const address = await withinTime(`Connecting to ${quote(hop.host)}`, work, options);
      return ok(`${address} takes connections at port ${portOf(hop)}`);
    } catch (thrown) {
      const error = explainUnreachable(thrown, hop) ?? toAppError(thrown);
      throw proxyIsWrong(error, examination.facts.proxy);
    } finally {
      aborter.abort();
    }
  },
};

/** The first exchange by the same `fetch` and with the same trust as all that follow; it carries no token. */
async function exchangeFirst(
  { url, settings, facts }: Examination,
  { signal }: Abortable,
): Promise<Response> {
  const ask = createNotedFetch(facts.dates, settings.clock);
  const target = new URL("/.well-known/oauth-protected-resource", url);
  const response = await ask(target.href, { redirect: "manual", signal: limitTime(timeoutMs, signal) });
  await response.body?.cancel().catch(() => {});
  return response;
}

function codeOf(thrown: unknown): string {
  const code = typeof thrown === "object" && thrown !== null && "code" in thrown ? thrown.code : undefined;
  return typeof code === "string" ? code : "";
}

function proxyRefuses(proxy: URL, url: URL, status?: number): AppError {
  const said = status === undefined ? "" : ` (HTTP ${status})`;
  const who = `The proxy ${quote(proxy.host)} does not let us through to ${quote(url.host)}${said}.`;
  return new AppError("unreachable", who, {
    hint: "If it wants a user and password, write them in the variable (http://user:password@proxy:port); if the host needs no proxy, name it in NO_PROXY; else ask who runs the proxy.",
  });
}

/** Whether the proxy lets us through. */
export const proxyCheck: Check = {
  id: "proxy",
  title: "Proxy",
  async run(examination, options) {
    const { url, facts } = examination;
    const { proxy } = facts;
    let status: number | undefined;
    try {
      ({ status } = await exchangeFirst(examination, options));
      facts.firstExchange = "answered";
    } catch (thrown) {
      options.signal?.throwIfAborted();
      facts.firstExchange = { thrown };
      if (proxy && codeOf(thrown) === "ERR_PROXY_TUNNEL") throw proxyRefuses(proxy, url);
    }
    if (!proxy) return skipped("none for this address");
    if (status === 407) throw proxyRefuses(proxy, url, status);
    return ok(`${quote(proxy.host)} lets us through`);
  },
};

/** Whether the server's certificate is trusted, and HTTP spoken behind it. */
export const tlsCheck: Check = {
  id: "tls",
  title: "TLS",
  run({ url, facts, settings }) {
    const { firstExchange } = facts;
    if (typeof firstExchange === "object") {
      const { thrown } = firstExchange;
      if (thrown instanceof DOMException && thrown.name === "TimeoutError") {
        throw timedOut(`The first answer of ${quote(url.host)}`);
      }
      throw explainUnreachable(thrown, url) ?? toAppError(thrown);
    }
    if (url.protocol === "https:") return ok(`the certificate of ${quote(url.host)} is trusted`);
    if (isLoopbackHost(url.hostname)) return skipped("plain http on this machine");
    const found = "plain http: anybody on the way can read and change everything";
    if (settings.mode === "none") return warning(found, "Use an https address.");
    throw new AppError("untrusted_destination", `No token is sent to ${quote(url.host)} over plain http.`, {
      hint: "Use an https address, or --no-auth for a server that asks for no token.",
    });
  },
};
