import { resolve } from "node:path";
import { systemClock } from "../../lib/base/clock.ts";
import type { ServerOptions } from "../../lib/config/mcp-server.ts";
import type { Context } from "../../lib/config/run-program.ts";
import type { ExaminedServer } from "../../lib/doctor/server/server-check.ts";
import { runServerChecks } from "../../lib/doctor/server/run-server-checks.ts";
import { watchInterrupt } from "../../lib/terminal/watch-interrupt.ts";
import { checkExposure } from "./check-exposure.ts";
import { printChecks } from "./print-checks.ts";
import { describeResourceMismatch, protectionFrom, publicResourceOf, qualifyScopes } from "./protection.ts";
import { readServerCertificate } from "./server-certificate.ts";

type ServerContext = Context<ServerOptions>;

/** The file that settings came from: the one that was named, or a `./.env` that lay there. */
function envFileOf({ values, origins, io }: ServerContext): string | undefined {
  if (values.envFile !== undefined) return resolve(io.folder, values.envFile);
  const isUsed = Object.values(origins).some(({ kind }) => kind === "folder");
  return isUsed ? resolve(io.folder, ".env") : undefined;
}

function examined(context: ServerContext): ExaminedServer {
  const { values: settings, io } = context;
  const host = settings.host ?? (settings.noAuth ? "127.0.0.1" : "0.0.0.0");
  return {
    settings,
    host,
    environment: io.environment,
    clock: systemClock,
    envFile: envFileOf(context),
    publicResource: publicResourceOf(settings),
    readProtection() {
      checkExposure(context, host);
      return settings.noAuth ? undefined : protectionFrom(settings);
    },
    readCertificate: (log) => void readServerCertificate({ settings, log }),
    qualifyScopes: (protection) => qualifyScopes(protection, settings),
    describeMismatch: (protection) => describeResourceMismatch(protection, settings),
  };
}

/** `mcp-server doctor` */
export async function run(context: ServerContext): Promise<number> {
  const signal = watchInterrupt();
  return printChecks(context, runServerChecks(examined(context), { signal }));
}
