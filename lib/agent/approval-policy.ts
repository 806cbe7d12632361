import { createHash } from "node:crypto";
import type { Abortable } from "../base/abort.ts";
import { AppError } from "../base/errors.ts";
import { findNearest } from "../base/nearest.ts";
import { quote } from "../base/text.ts";
import type { ToolDescription } from "../transport/client/contract.ts";

/*
 * Which calls run without a question. Hints of a tool are claims of its server: this does not check what a tool
 * does, only what a person, or a flag, agreed to.
 */

/** What becomes of a call. */
export type Verdict = "run" | "ask" | "deny";

/** Approvals that outlast the program. A tool that was changed is another tool. */
export interface RememberedApprovals {
  has(tool: string, fingerprint: string): Promise<boolean>;
  /** @throws `cache_unusable` */
  remember(tool: string, fingerprint: string, options?: Abortable): Promise<void>;
}

export interface ApprovalRules {
  /** Patterns of tool names; `*` stands for any characters, `?` for one. */
  readonly allow: readonly string[];
  /** The same, whatever the case of the names; they win over everything else. */
  readonly deny: readonly string[];
  /** Whether `readOnlyHint` of this server counts: a person named the server. */
  readonly trustsHints: boolean;
  readonly remembered: RememberedApprovals;
}

/**
 * Whether a pattern stands for a whole name. Not by a regular expression: names are the server's, and of `*a*a*a*b` a
 * long one would keep it busy for ever.
 */
export function matchesPattern(pattern: string, name: string): boolean {
  const wanted = [...pattern];
  const given = [...name];
  let at = 0;
  /** Where to go on when what follows the latest `*` does not fit: the star takes one more character. */
  let star: { readonly behind: number; taken: number } | undefined;
  for (let place = 0; place < given.length;) {
    const sign = wanted[at];
    if (sign === "*") {
      at += 1;
      star = { behind: at, taken: place };
    } else if (sign === "?" || (sign !== undefined && sign === given[place])) {
      at += 1;
      place += 1;
    } else if (star) {
      star.taken += 1;
      place = star.taken;
      at = star.behind;
    } else return false;
  }
  return wanted.slice(at).every((sign) => sign === "*");
}

/** Text as people read it: without what they do not see, whatever its case or width. */
function fold(text: string): string {
  return text
    .normalize("NFKC")
    .replace(/[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, "")
    .toLowerCase();
}

/** Whether a pattern of `--deny` stands for a name. A server must not get around it by writing the name otherwise. */
function denies(pattern: string, name: string): boolean {
  return matchesPattern(pattern, name) || matchesPattern(fold(pattern), fold(name));
}

/** JSON whose members are in order, whatever order the server gives them in. */
function orderMembers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(orderMembers);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return members.map(([name, member]) => [name, orderMembers(member)]);
}

/** SHA-256 of what a person could know of a tool: description, schema, hints. Whoever changes it is asked about again. */
export function fingerprintTool({ title, description, inputSchema, annotations }: ToolDescription): string {
  const known = orderMembers({ title, description, inputSchema, annotations });
  return createHash("sha256").update(JSON.stringify(known)).digest("hex");
}

/**
 * Refuses patterns that stand for no tool: a misspelt `--deny` would deny nothing.
 *
 * @throws `usage`
 */
export function checkPatterns(
  { allow, deny }: Pick<ApprovalRules, "allow" | "deny">,
  tools: readonly Pick<ToolDescription, "name">[],
): void {
  const names = tools.map(({ name }) => name);
  const flags = [["--allow", allow, matchesPattern] as const, ["--deny", deny, denies] as const];
  for (const [flag, patterns, matches] of flags) {
    for (const pattern of patterns) {
      if (pattern === "*" || names.some((name) => matches(pattern, name))) continue;
      const nearest = findNearest(pattern, names);
      throw new AppError("usage", `${flag} ${quote(pattern)} stands for no tool of the server.`, {
        hint:
          nearest === undefined
            ? "mcp-client tools lists them, and so does /tools."
            : `Did you mean ${quote(nearest)}?`,
      });
    }
  }
}

/** Decides about calls by the rules, and by what a person said before. */
export class ApprovalPolicy {
  readonly #rules: ApprovalRules;
  readonly #session = new Set<string>();

  constructor(rules: ApprovalRules) {
    this.#rules = rules;
  }

  /** What becomes of a call of this tool. */
  async judge(tool: ToolDescription): Promise<Verdict> {
    const { allow, deny, trustsHints, remembered } = this.#rules;
    if (deny.some((pattern) => denies(pattern, tool.name))) return "deny";
    if (allow.some((pattern) => matchesPattern(pattern, tool.name))) return "run";
    if (trustsHints && tool.annotations?.["readOnlyHint"] === true) return "run";
    const fingerprint = fingerprintTool(tool);
    if (this.#session.has(keyOf(tool.name, fingerprint))) return "run";
    return (await remembered.has(tool.name, fingerprint)) ? "run" : "ask";
  }

  /** From now on until the program ends it runs. */
  approveForSession(tool: ToolDescription): void {
    this.#session.add(keyOf(tool.name, fingerprintTool(tool)));
  }

  /**
   * From now on it runs, also when the program is started again.
   *
   * @throws `cache_unusable`
   */
  async approveAlways(tool: ToolDescription, options: Abortable = {}): Promise<void> {
    this.approveForSession(tool);
    await this.#rules.remembered.remember(tool.name, fingerprintTool(tool), options);
  }
}

function keyOf(name: string, fingerprint: string): string {
  return JSON.stringify([name, fingerprint]);
}
