import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseAuthority } from "../../lib/auth/client/authority.ts";
import { createEntraTokens } from "../../lib/auth/client/entra-tokens.ts";
import { startDevTenant } from "../../lib/devtenant/start.ts";
import { decideOnPage } from "../harness/person.ts";

/** How many clients renew how often. */
export interface Load {
  readonly processes: number;
  readonly refreshes: number;
}

function spawn(script: string, argument: string) {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, script), argument], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
  return { child, output: new Response(child.stdout).text() };
}

async function watch(path: string) {
  const { child, output } = spawn("watch-process.ts", path);
  return {
    kill: () => child.kill("SIGKILL"),
    async stop() {
      child.kill("SIGTERM");
      const [, json = ""] = (await output).split("\n");
      return JSON.parse(json) as Record<
        "looks" | "changes" | "absent" | "invalid" | "wide" | "neighbours",
        number
      >;
    },
  };
}

async function runClients({ processes, refreshes }: Load, options: object) {
  const argument = JSON.stringify({ ...options, refreshes });
  const clients = Array.from({ length: processes }, () => spawn("refresh-process.ts", argument));
  const ended = await Promise.all(clients.map(({ output }) => output));
  return ended.map((text) => JSON.parse(text) as { renewed: number; failures: string[] });
}

/**
 * Signs a person in at a dev tenant that rotates refresh tokens and ends a sign-in whose token comes twice; lets many
 * processes renew from one cache; and watches the file meanwhile.
 */
export async function stressSharedCache(load: Load) {
  const folder = mkdtempSync(join(tmpdir(), "mcp-stress-"));
  const tenant = await startDevTenant();
  let watcher: Awaited<ReturnType<typeof watch>> | undefined;
  try {
    tenant.faults.set({ revokeOnReuse: true });
    const { publicClientId: clientId, scope } = tenant;
    const authority = parseAuthority(`${tenant.origin}/${tenant.tenantId}/v2.0`);
    if (!authority) throw new Error("no authority");
    const options = { authority, clientId, scope, cachePath: join(folder, "cache.json") };
    await createEntraTokens({
      ...options,
      showDeviceCode: ({ verificationUri, userCode }) => void decideOnPage(verificationUri, userCode),
    }).signIn();
    watcher = await watch(options.cachePath);
    const startMs = performance.now();
    const clients = await runClients(load, options);
    const seconds = (performance.now() - startMs) / 1000;
    const seen = await watcher.stop();
    const last = await createEntraTokens(options).getToken({ claims: '{"access_token":{"last":null}}' });
    return {
      renewed: clients.reduce((sum, { renewed }) => sum + renewed, 0),
      failures: clients.flatMap(({ failures }) => failures),
      /** What the tenant answered to refreshes; the last one is the check that somebody is still signed in. */
      answers: { ...tenant.counts.token.refresh_token },
      isStillSignedIn: last.value !== "",
      left: readdirSync(folder),
      seen,
      seconds,
    };
  } finally {
    watcher?.kill();
    await tenant.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
