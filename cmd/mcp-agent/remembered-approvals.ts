import { createHash } from "node:crypto";
import type { RememberedApprovals } from "../../lib/agent/approval-policy.ts";
import { type Confirmations, createConfirmations } from "../../lib/auth/client/confirmations.ts";
import { limitTime } from "../../lib/base/abort.ts";
import { AppError } from "../../lib/base/errors.ts";
import type { Environment } from "../../lib/config/environment.ts";

/** What a person allowed for good: this tool of this server, as long as the server describes it so. */
interface ApprovedTool {
  /** Address of the server; of its query, which may hold a secret, a hash. */
  readonly server: string;
  readonly tool: string;
  /** SHA-256 of the tool's description and schema. */
  readonly fingerprint: string;
}

function parse(value: unknown): ApprovedTool[] {
  if (typeof value !== "object" || value === null) return [];
  const { server, tool, fingerprint }: Partial<Record<keyof ApprovedTool, unknown>> = value;
  if (typeof server !== "string" || typeof tool !== "string" || typeof fingerprint !== "string") return [];
  return [{ server, tool, fingerprint }];
}

function openFile(environment: Environment): Confirmations<ApprovedTool> {
  return createConfirmations(environment, {
    file: "approved-tools.json",
    member: "tools",
    parse,
    isSame: (a, b) => a.server === b.server && a.tool === b.tool,
  });
}

/** A gateway may have another server behind each query. */
function identify(url: string): string {
  const { origin, pathname, search } = new URL(url);
  const hash = search === "" ? "" : `?sha256=${createHash("sha256").update(search).digest("hex")}`;
  return origin + pathname + hash;
}

/** A person waits: whoever locked the file and went away does not hold up the call. */
const usualWaitMs = 2000;

/** How approvals are remembered. */
export interface RememberOptions {
  /** How long another program may hold the file, in milliseconds. Default 2000. */
  readonly maxWaitMs?: number;
}

/** The approvals of one server, kept in the user's config folder for this user alone. */
export function createRememberedApprovals(
  environment: Environment,
  url: string,
  { maxWaitMs = usualWaitMs }: RememberOptions = {},
): RememberedApprovals {
  const file = openFile(environment);
  const server = identify(url);
  return {
    async has(tool, fingerprint) {
      const approved = await file.list();
      return approved.some(
        (other) => other.server === server && other.tool === tool && other.fingerprint === fingerprint,
      );
    },
    async remember(tool, fingerprint, { signal } = {}) {
      const limited = limitTime(maxWaitMs, signal);
      try {
        await file.remember({ server, tool, fingerprint }, { signal: limited });
      } catch (thrown) {
        if (!limited.aborted || signal?.aborted) throw thrown;
        throw new AppError(
          "cache_unusable",
          "It could not be remembered: another program has the file locked.",
          {
            cause: thrown,
          },
        );
      }
    },
  };
}
