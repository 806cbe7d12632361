import { stat } from "node:fs/promises";
import { createServer } from "node:net";
import type { Abortable } from "../../base/abort.ts";
import { silentLog } from "../../base/log.ts";
import { AppError } from "../../base/errors.ts";
import { quoteShellWord } from "../../base/shell-word.ts";
import { neutraliseLine, quote } from "../../base/text.ts";
import { openDeniedTokens } from "../../auth/server/denied-tokens.ts";
import { fetchJson, isRecord } from "../../auth/client/fetch-json.ts";
import { type Finding, ok, skipped, warning } from "../check.ts";
import type { Protection } from "../../auth/server/protection.ts";
import type { ExaminedServer, ServerCheck } from "./server-check.ts";

function describeProtection(protection: Protection | undefined): string {
  if (!protection) return "everybody is let in, without tokens (--no-auth)";
  if (protection.kind === "issuer") return `tokens of ${quote(protection.issuer, 120)}`;
  return `tokens of ${protection.tenants.join(", ")} for the API ${protection.apiClientId}`;
}

/** A slash at the end of what Entra compares to the letter. */
function findSlash({ settings }: ExaminedServer): Finding | undefined {
  const { audience, publicUrl, issuer } = settings;
  if (issuer !== undefined) return undefined;
  const uri = audience.find((name) => name.endsWith("/"));
  if (uri !== undefined) {
    return warning(
      `--audience ${quote(uri)} has a slash at its end, which is left out`,
      "An Application ID URI has none: take the slash away here, and in the API's registration if it stands there.",
    );
  }
  if (publicUrl === undefined || !new URL(publicUrl).pathname.endsWith("/")) return undefined;
  const path = new URL(publicUrl).pathname === "/";
  return warning(
    `--public-url ${quote(publicUrl)} ${path ? "has no path" : "has a slash at its end"}`,
    path
      ? "The endpoint is /mcp: end the URL with it."
      : "Take it away: Entra compares the address to the letter.",
  );
}

/** Whether the settings make a server that starts, and whom it lets in. */
export const configurationCheck: ServerCheck = {
  id: "configuration",
  title: "Settings",
  run({ server, facts }) {
    facts.protection = server.readProtection();
    return findSlash(server) ?? ok(describeProtection(facts.protection));
  },
};

/** Who beside us may do what with a file; nothing on Windows, which has no modes. */
async function faultOf(path: string): Promise<"missing" | "writable" | "readable" | undefined> {
  const stats = await stat(path).catch(() => undefined);
  if (!stats) return "missing";
  if (process.platform === "win32") return undefined;
  if ((stats.mode & 0o022) !== 0) return "writable";
  return (stats.mode & 0o044) === 0 ? undefined : "readable";
}

/** For a command that people paste. */
function showPath(path: string): string {
  return quoteShellWord(neutraliseLine(path));
}

function refuseWritable(path: string): AppError {
  const message = `Others may write ${quote(path, 200)}, and so decide who is let in.`;
  return new AppError("invalid_config", message, { hint: `chmod go-w ${showPath(path)}` });
}

async function checkDeniedTokens(path: string): Promise<void> {
  const list = await openDeniedTokens({ path, log: silentLog });
  list.close();
}

/** The files that steer the server: others must not write them. */
export const filesCheck: ServerCheck = {
  id: "files",
  title: "Files",
  async run({ server }) {
    const { envFile, settings } = server;
    const { deniedTokens } = settings;
    if (deniedTokens !== undefined) await checkDeniedTokens(deniedTokens);
    const files = [envFile, deniedTokens].filter((path) => path !== undefined);
    const faults = await Promise.all(files.map(async (path) => [path, await faultOf(path)] as const));
    const writable = faults.find(([, fault]) => fault === "writable");
    if (writable) throw refuseWritable(writable[0]);
    const readable = faults.find(([path, fault]) => path === envFile && fault === "readable");
    if (readable) {
      const found = `others may read ${quote(readable[0], 200)}`;
      return warning(found, `It may come to hold a secret: chmod 600 ${showPath(readable[0])}`);
    }
    if (files.length === 0) return ok("the settings come from no file");
    return ok(`${files.map((path) => quote(path, 200)).join(", ")}: nobody else may write`);
  },
};

/** The certificate for https, where the server speaks it without a proxy in front. */
export const certificateCheck: ServerCheck = {
  id: "certificate",
  title: "Certificate",
  async run({ server }) {
    const { tlsCert, tlsKey } = server.settings;
    const remarks: string[] = [];
    server.readCertificate({ ...silentLog, warn: (remark) => void remarks.push(remark) });
    if (tlsCert === undefined || tlsKey === undefined)
      return skipped("none: the server speaks http (--tls-cert)");
    const fault = await faultOf(tlsKey);
    if (fault !== undefined) {
      throw new AppError("invalid_config", `Others may read the private key in ${quote(tlsKey, 200)}.`, {
        hint: `chmod 600 ${showPath(tlsKey)}, and renew the certificate with another key if they could read it for long.`,
      });
    }
    const [remark] = remarks;
    if (remark === undefined) return ok("good, and its key is private");
    return warning(
      remark,
      "Renew it, or have one made for the name that callers use; then start the server again.",
    );
  },
};

function codeOf(thrown: unknown): string {
  const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
  return typeof code === "string" ? code : "unknown";
}

async function tryToListen(host: string, port: number): Promise<string | undefined> {
  const probe = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      probe.once("error", reject);
      probe.listen({ host, port, exclusive: true }, resolve);
    });
    return undefined;
  } catch (thrown) {
    return codeOf(thrown);
  } finally {
    probe.close();
  }
}

/** Whether what listens at the port is a server of ours: the others have no such answer at this path. */
async function isOurs({ host, settings }: ExaminedServer, { signal }: Abortable): Promise<boolean> {
  const { port } = settings;
  const local = ["0.0.0.0", "::"].includes(host) ? "127.0.0.1" : host;
  const name = /^[^[].*:/.test(local) ? `[${local}]` : local;
  const request = { timeoutMs: 3000, maxBytes: 4096, party: "The server", signal };
  const answer = await fetchJson(`http://${name}:${port}/healthz`, request).catch(() => undefined);
  return answer?.status === 200 && isRecord(answer.body) && answer.body["status"] === "ok";
}

const portHints: Readonly<Record<string, string>> = {
  EADDRINUSE: "Stop what listens there, or choose another --port.",
  EACCES: "Ports below 1024 need a right of their own (CAP_NET_BIND_SERVICE); or choose another --port.",
  EADDRNOTAVAIL: "This machine has no such address: check --host.",
  ENOTFOUND: "This machine has no such address: check --host.",
};

/** Whether the server can listen, or does so already. */
export const portCheck: ServerCheck = {
  id: "port",
  title: "Port",
  async run({ server, facts }, { signal }) {
    const { host, settings } = server;
    const problem = await tryToListen(host, settings.port);
    if (problem === undefined) return ok(`${settings.port === 0 ? "any" : settings.port} is free on ${host}`);
    if (problem === "EADDRINUSE" && (await isOurs(server, { signal }))) {
      facts.isRunning = true;
      return ok(`a server answers at ${settings.port} on ${host}`);
    }
    if (problem === "EADDRINUSE" && settings.tlsCert !== undefined) {
      facts.isRunning = true;
      // Its certificate is for another name than the address that can be asked here.
      const found = `something listens at ${settings.port} on ${host}; with --tls-cert it cannot be asked what it is`;
      return warning(found, "If it is not this server: stop it, or choose another --port.");
    }
    const isUsed = problem === "EADDRINUSE";
    const said = isUsed
      ? `Something else listens at port ${settings.port}.`
      : `The server cannot listen at port ${settings.port} on ${quote(host)} (${problem}).`;
    const hint = portHints[problem] ?? "Check --host and --port.";
    throw new AppError(isUsed ? "port_in_use" : "invalid_config", said, { hint });
  },
};
