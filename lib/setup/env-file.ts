import { randomUUID } from "node:crypto";
import { lstat, open, rename, rm } from "node:fs/promises";
import { AppError } from "../base/errors.ts";
import { quote } from "../base/text.ts";
import type { DirectoryState } from "./read-state.ts";
import { scopeName, type SetupTarget } from "./target.ts";

/** What the settings are made of. */
export interface EnvFacts {
  readonly tenantId: string;
  readonly state: DirectoryState;
  readonly target: SetupTarget;
}

/** The settings of server and client for a pair of registrations. Holds no secret. */
export function renderEnv({ tenantId, state, target }: EnvFacts): string {
  const { cloud, publicUrl, appRole } = target;
  const apiId = state.api?.appId ?? "";
  const isAppIdUri = publicUrl !== undefined && state.api?.identifierUris.includes(publicUrl) === true;
  const settings: readonly (readonly [name: string, value: string | undefined])[] = [
    ["ENTRA_TENANT_ID", tenantId],
    ["ENTRA_API_CLIENT_ID", apiId],
    ["ENTRA_CLIENT_ID", state.client?.appId ?? ""],
    ["ENTRA_API_SCOPE", `api://${apiId}/${scopeName}`],
    ["ENTRA_AUDIENCE", isAppIdUri ? publicUrl : undefined],
    ["ENTRA_APP_ROLES", appRole],
    ["ENTRA_CLOUD", cloud === "public" ? undefined : cloud],
    ["MCP_PUBLIC_URL", publicUrl],
    ["MCP_SERVER_URL", publicUrl],
  ];
  const lines = settings.flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}\n`]));
  return `# For mcp-server, mcp-client and mcp-agent, by mcp-server setup entra. Holds no secret.\n${lines.join("")}`;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown error";
}

function refuse(path: string, problem: string, hint: string): AppError {
  return new AppError("usage", `--write-env: ${quote(path, 200)} ${problem}.`, { hint });
}

/**
 * Checks that the file may be written, so that nothing is done in vain.
 *
 * @throws `usage` for a file that exists (without `force`) and for what is no regular file
 */
export async function checkEnvFile(path: string, force: boolean): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found && !found.isFile()) throw refuse(path, "is not a regular file", "Name a file.");
  if (found && !force) {
    throw refuse(
      path,
      "exists already",
      "Name another file, add --force, or print the settings: --write-env -",
    );
  }
}

async function writeNew(path: string, text: string): Promise<void> {
  const handle = await open(path, "wx", 0o600);
  await handle.writeFile(text).finally(() => handle.close());
}

/**
 * Writes the file with mode 0600: a new one, or with `force` in one step in the place of the one that is there.
 *
 * @throws `usage`, `output_failed`
 */
export async function writeEnvFile(path: string, text: string, force: boolean): Promise<void> {
  await checkEnvFile(path, force);
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    if (!force) return await writeNew(path, text);
    await writeNew(temporary, text);
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw new AppError(
      "output_failed",
      `The file ${quote(path, 200)} cannot be written (${codeOf(cause)}).`,
      {
        hint: "The registrations are as they should be; run the command again with another --write-env.",
        cause,
      },
    );
  }
}
