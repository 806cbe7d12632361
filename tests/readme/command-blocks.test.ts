import { afterAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { createPerson, openSetting, type Setting } from "./block-setting.ts";
import { matchLines, readSteps, type Step } from "./console-steps.ts";
import { type Fence, findFences } from "./fences.ts";
import { runCommand } from "./run-command.ts";
import { readmePath } from "./sections.ts";

const fences = findFences(readFileSync(readmePath, "utf8"));

/** Why a block does not run here. */
const isMarked = (comment: string) => /^(needs|builds|takes) /.test(comment);
const shells = ["console", "sh", "bash"];

/** Programs of others that blocks use; without one its blocks skip, but never in CI. */
const isInstalled = (name: string) => Bun.which(name) !== null || process.env["CI"] !== undefined;
const canRun = ({ text }: Fence) =>
  ["curl", "jq"].every((name) => isInstalled(name) || !new RegExp(`\\b${name} `).test(text));

const settings = new Map<string, Promise<Setting>>();
afterAll(async () => {
  for (const setting of settings.values()) await (await setting)[Symbol.asyncDispose]();
});

/** `with: SERVER; signed in; a person signs in; keeps running`, each of which may be absent. */
function readComment(comment: string): { server: string; marks: readonly string[] } {
  const parts = comment === "" ? [] : comment.split("; ");
  const server = parts.find((part) => part.startsWith("with: "))?.slice("with: ".length) ?? "";
  const marks = parts.filter((part) => !part.startsWith("with: "));
  for (const mark of marks) expect(["signed in", "a person signs in", "keeps running"]).toContain(mark);
  return { server, marks };
}

/** Runs one command as a reader would, and compares what the terminal shows. */
async function tryStep({ command, output }: Step, setting: Setting, marks: readonly string[]): Promise<void> {
  const keepsRunning = marks.includes("keeps running");
  const person = marks.includes("a person signs in") ? createPerson() : () => {};
  let port = setting.port;
  const mask = (lines: readonly string[]) => lines.map((line) => line.replaceAll(port, "8000"));
  let isAsExpected = false;
  const { exitCode, lines } = await runCommand(command.replaceAll(":8000", `:${port}`), {
    folder: setting.folder,
    env: keepsRunning ? { ...setting.env, MCP_PORT: "0" } : setting.env,
    onChange(shown, stop) {
      person(shown.join("\n"));
      if (!keepsRunning) return;
      port = /127\.0\.0\.1:(\d+)\/mcp/.exec(shown.join("\n"))?.[1] ?? port;
      isAsExpected ||= matchLines(output, mask(shown));
      if (isAsExpected) stop();
    },
  });
  if (isAsExpected) return;
  if (!matchLines(output, mask(lines))) expect(mask(lines).join("\n")).toBe(output.join("\n"));
  expect(exitCode).toBe(0);
}

async function tryBlock({ text, comment }: Fence): Promise<void> {
  const { server, marks } = readComment(comment);
  const opening = settings.get(server) ?? openSetting(server);
  settings.set(server, opening);
  const setting = await opening;
  if (marks.includes("signed in")) await setting.signIn();
  for (const step of readSteps(text)) await tryStep(step, setting, marks);
}

describe("a block of commands in the README", () => {
  const blocks = fences.filter(({ language }) => shells.includes(language));
  const running = blocks.filter(({ comment }) => !isMarked(comment));

  for (const block of running) {
    const title = `prints what stands there (line ${block.line})`;
    test.skipIf(!canRun(block))(
      title,
      async () => {
        expect(block.language).toBe("console");
        await tryBlock(block);
      },
      30_000,
    );
  }

  test("runs here, most of all, or says why it cannot", () => {
    expect(running.length).toBeGreaterThan(8);
    for (const { language, comment, line } of blocks) {
      if (language !== "console")
        expect({ line, isMarked: isMarked(comment) }).toEqual({ line, isMarked: true });
    }
  });
});

test("every other block of the README is JSON that can be parsed, a diagram or a unit file", () => {
  for (const { language, text, line } of fences) {
    if (shells.includes(language)) continue;
    expect({ line, known: ["json", "mermaid", "ini"].includes(language) }).toEqual({ line, known: true });
    if (language === "json") expect(() => JSON.parse(text)).not.toThrow();
  }
});
