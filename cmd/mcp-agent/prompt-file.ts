import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { takeFileLock } from "../../lib/auth/client/file-lock.ts";
import { readPrivateFile, writePrivateFile } from "../../lib/auth/client/private-file.ts";
import { findDataFolder } from "../../lib/config/config-folder.ts";
import type { Environment } from "../../lib/config/environment.ts";
import { neutralise } from "../../lib/base/text.ts";

const maxBytes = 4 * 1024 * 1024;
/** Longer prompts are not kept for the next time, in characters. */
const maxEntryLength = 20_000;
/** How many prompts are kept. */
export const maxPrompts = 1000;

/** Prompts of earlier sessions: one JSON text a line, mode 0600, in the user's data folder. */
export interface PromptFile {
  /** Never throws: what cannot be read counts as empty. */
  read(): Promise<string[]>;
  /** Adds a prompt; an older one of the same text goes. Never throws: it is a convenience. */
  add(prompt: string): Promise<void>;
}

function parseLine(line: string): string[] {
  try {
    const entry: unknown = JSON.parse(line);
    return typeof entry === "string" ? [neutralise(entry)] : [];
  } catch {
    return [];
  }
}

async function readPrompts(path: string): Promise<string[]> {
  try {
    const file = await readPrivateFile(path, maxBytes);
    return file.kind === "read" ? file.text.split("\n").flatMap(parseLine) : [];
  } catch {
    return [];
  }
}

async function addPrompt(path: string, prompt: string): Promise<void> {
  await mkdir(join(path, ".."), { recursive: true, mode: 0o700 });
  const lock = await takeFileLock(`${path}.lock`, { signal: AbortSignal.timeout(2000) });
  try {
    const others = (await readPrompts(path)).filter((other) => other !== prompt);
    const kept = [...others, prompt].slice(-maxPrompts);
    await writePrivateFile(path, kept.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
  } finally {
    await lock.release();
  }
}

/** Opens the prompts of earlier sessions; several programs may. */
export function openPromptFile(environment: Environment): PromptFile {
  const folder = findDataFolder(environment);
  const path = folder === undefined ? undefined : join(folder, "prompts.jsonl");
  return {
    read: async () => (path === undefined ? [] : readPrompts(path)),
    async add(prompt) {
      // A blank at its beginning keeps a prompt out, as shells do.
      if (path === undefined || prompt.length > maxEntryLength || /^\s|^$/.test(prompt)) return;
      await addPrompt(path, prompt).catch(() => {});
    },
  };
}
