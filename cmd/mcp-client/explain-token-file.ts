import { Readable } from "node:stream";
import { readPrivateFile, readRegularFile } from "../../lib/auth/client/private-file.ts";
import { type Abortable, unlessAborted } from "../../lib/base/abort.ts";
import { nowSeconds, systemClock } from "../../lib/base/clock.ts";
import { AppError } from "../../lib/base/errors.ts";
import { readCapped } from "../../lib/base/read-capped.ts";
import { quote } from "../../lib/base/text.ts";
import type { ClientOptions } from "../../lib/config/mcp-client.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { isGuid } from "../../lib/config/shared-options.ts";
import type { CheckReport } from "../../lib/doctor/check.ts";
import { explainToken } from "../../lib/doctor/explain-token.ts";
import type { CheckOutcome } from "../../lib/doctor/run-checks.ts";

const maxBytes = 64 * 1024;

/** A token, and what is wrong with where it came from. */
interface FoundToken {
  readonly text: string;
  readonly fault?: string;
}

function refuse(problem: string): AppError {
  return new AppError("invalid_config", `--token-file: ${problem}.`, {
    hint: "It takes a file that holds one access token, or - for standard input.",
  });
}

async function readStdin(stdin: NodeJS.ReadStream, { signal }: Abortable): Promise<FoundToken> {
  const work = readCapped(Readable.toWeb(stdin) as unknown as ReadableStream<Uint8Array>, {
    maxBytes,
    signal,
  });
  const bytes = await (signal ? unlessAborted(work, signal) : work);
  if (!bytes) throw refuse("standard input is too large");
  return { text: bytes.toString("utf8") };
}

async function readFile(path: string): Promise<FoundToken> {
  const unusable = (cause: unknown) => {
    throw cause instanceof AppError
      ? refuse(`${quote(path, 200)} cannot be read, or is no regular file`)
      : cause;
  };
  const file = await readPrivateFile(path, maxBytes).catch(unusable);
  if (file.kind === "absent") throw refuse(`${quote(path, 200)} does not exist`);
  if (file.kind === "read") return { text: file.text };
  const text = await readRegularFile(path, maxBytes).catch(unusable);
  return { text: text ?? "", fault: `the file ${file.fault}` };
}

function reportFile(fault: string): CheckReport {
  return {
    id: "file",
    title: "File",
    status: "warning",
    found: fault,
    remedy: "Whoever reads a token holds its rights: chmod 600, and sign out where it was open for long.",
  };
}

/**
 * Explains the token of `--token-file`; the settings that are given say what it should be for.
 *
 * @throws `invalid_config`, `malformed_token`
 */
export async function explainTokenFile(
  { values, io }: Context<ClientOptions>,
  { path, signal }: Abortable & { readonly path: string },
): Promise<readonly CheckOutcome[]> {
  const { text, fault } = path === "-" ? await readStdin(io.stdin, { signal }) : await readFile(path);
  const { tenantId, scope, cloud } = values;
  const expected = {
    tenantId: tenantId !== undefined && isGuid(tenantId) ? tenantId : undefined,
    scope,
    cloud,
    policy: { allowGuests: false, allowApplications: false },
  };
  const rows = explainToken(text.trim(), expected, nowSeconds(systemClock));
  return fault === undefined ? rows : [{ report: reportFile(fault) }, ...rows];
}
