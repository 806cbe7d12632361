import { afterEach, describe, expect, test } from "bun:test";
import {
  appendFileSync,
  chmodSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ModelMessage } from "ai";
import { renderSession } from "../../lib/agent/sessions/session-markdown.ts";
import { openSessionStore, type SessionStore } from "../../lib/agent/sessions/session-store.ts";
import type { ErrorCode } from "../../lib/base/errors.ts";
import { AppError } from "../../lib/base/errors.ts";

const held = { server: "http://localhost:8000/mcp", model: "test-model" };
const turn: ModelMessage[] = [
  { role: "user", content: "reverse abc" },
  {
    role: "assistant",
    content: [
      { type: "text", text: "At once." },
      { type: "tool-call", toolCallId: "1", toolName: "reverse_tool", input: { query: "abc" } },
    ],
  },
  {
    role: "tool",
    content: [
      {
        type: "tool-result",
        toolCallId: "1",
        toolName: "reverse_tool",
        output: { type: "text", value: "cba" },
      },
    ],
  },
  { role: "assistant", content: "It is cba." },
];

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function openStore(startMs = Date.UTC(2026, 10, 23, 14, 22, 11)) {
  const parent = mkdtempSync(join(tmpdir(), "sessions-"));
  folders.push(parent);
  const folder = join(parent, "sessions");
  let nowMs = startMs;
  const store = openSessionStore(folder, { clock: { nowMs: () => (nowMs += 1000) } });
  return { store, folder };
}

function codeOf(work: () => unknown): ErrorCode | undefined {
  try {
    work();
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
  return undefined;
}

function createOne(store: SessionStore, messages = turn) {
  const file = store.create(held);
  file.append({ type: "messages", messages });
  return file;
}

describe("a session", () => {
  test("comes back as it was said, by its id, its beginning, and as the newest with its server", () => {
    const { store } = openStore();
    const first = createOne(store);
    const second = createOne(store, turn.slice(0, 1));
    const other = store.create({ ...held, server: "http://localhost:9000/mcp" });
    other.append({ type: "clear" });
    expect(store.resume(first.id).messages).toEqual(turn);
    expect(store.resume(first.id.slice(0, 15)).header).toMatchObject({ ...held, id: first.id });
    expect(store.resumeNewest(held.server).header.id).toBe(second.id);
    expect(store.list().map(({ header }) => header.id)).toEqual([other.id, second.id, first.id]);
  });

  test("is for its person alone", () => {
    const { store, folder } = openStore();
    const { path } = createOne(store);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  test("grows where it goes on", () => {
    const { store } = openStore();
    const { id } = createOne(store);
    store.resume(id).file.append({ type: "messages", messages: turn });
    expect(store.resume(id).messages).toEqual([...turn, ...turn]);
  });

  test("that was cleared begins anew", () => {
    const { store } = openStore();
    const file = createOne(store);
    file.append({ type: "clear" });
    file.append({ type: "messages", messages: turn.slice(0, 1) });
    expect(store.resume(file.id).messages).toEqual(turn.slice(0, 1));
  });

  test("is whole but for the half line that a killed program left", () => {
    const { store } = openStore();
    const { id, path } = createOne(store);
    appendFileSync(path, '{"type":"messages","messages":[{"role":"us');
    expect(store.resume(id).messages).toEqual(turn);
  });

  test("goes on below the half line that a killed program left", () => {
    const { store } = openStore();
    const { id, path } = createOne(store);
    appendFileSync(path, '{"type":"messages","messages":[{"role":"us');
    store.resume(id).file.append({ type: "messages", messages: turn });
    expect(store.resume(id).messages).toEqual([...turn, ...turn]);
  });
});

describe("a session is refused", () => {
  test.each<[string, (path: string) => void]>([
    ["that others may read", (path) => chmodSync(path, 0o644)],
    ["that is a link", (path) => (rmSync(path), symlinkSync("/etc/hostname", path))],
    ["that is something else", (path) => writeFileSync(path, "hello\n")],
    ["of another version", (path) => writeFileSync(path, '{"type":"session","v":2}\n')],
  ])("%s", (_, spoil) => {
    const { store } = openStore();
    const { id, path } = createOne(store);
    spoil(path);
    expect(codeOf(() => store.resume(id))).toBe("session_unusable");
    expect(store.list()).toEqual([]);
  });

  test.each(["", "2", "../x", "20261123-142213-ffffff0"])("under the id %p", (id) => {
    const { store } = openStore();
    createOne(store);
    createOne(store);
    expect(codeOf(() => store.resume(id))).toBe("unknown_session");
  });

  test("where none was held with the server", () => {
    const { store } = openStore();
    createOne(store);
    expect(codeOf(() => store.resumeNewest("http://localhost:1/mcp"))).toBe("unknown_session");
  });

  test("where its folder cannot be made", () => {
    const { folder } = openStore();
    writeFileSync(folder, "a file");
    expect(codeOf(() => openSessionStore(folder).create(held))).toBe("session_unusable");
  });
});

test("a session in which nothing was said leaves no file", () => {
  const { store, folder } = openStore();
  store.create(held);
  expect(readdirSync(folder)).toEqual([]);
});

test("of many sessions the newest 500 stay", () => {
  const { store, folder } = openStore();
  const ids = Array.from({ length: 502 }, () => createOne(store).id);
  expect(readdirSync(folder).toSorted()).toEqual(ids.slice(2).map((id) => `${id}.jsonl`));
});

test("Markdown commands no terminal, and nothing in it hides the rest", () => {
  const call = { type: "tool-call", toolCallId: "1", toolName: "a``b`\n# c\u001B[2J", input: {} } as const;
  const messages = [
    { role: "user", content: "\u001B]0;title\u009B2J\u202E" },
    { role: "assistant", content: [call] },
    { role: "user", content: "the end" },
  ] as const;
  const text = renderSession([...messages] as ModelMessage[], {
    ...held,
    startedAt: "2026-11-23T14:22:11.000Z",
  });
  expect(text).toMatch(/^[\x20-\x7E\n]*$/);
  expect(text).toContain("\\u{1b}]0;title\\u{9b}2J\\u{202e}");
  expect(text).toContain("**Call** ``` a``b` # c ```\n");
  expect(text).toContain("## You\n\nthe end\n");
});

test("Markdown holds every message, call and result, whatever they hold", () => {
  const fenced = "```\nnot the end\n````";
  const result = {
    type: "tool-result",
    toolCallId: "2",
    toolName: "t",
    output: { type: "text", value: fenced },
  } as const;
  const text = renderSession([...turn, { role: "tool", content: [result] }], {
    ...held,
    startedAt: "2026-11-23T14:22:11.000Z",
  });
  expect(text).toStartWith("# Session of 2026-11-23T14:22:11.000Z\n\nServer: `http://localhost:8000/mcp`");
  expect(text).toContain("## You\n\nreverse abc\n");
  expect(text).toContain('**Call** `reverse_tool`\n\n```json\n{\n  "query": "abc"\n}\n```');
  expect(text).toContain("**Result** of `reverse_tool`\n\n```\ncba\n```");
  expect(text).toContain(`\`\`\`\`\`\n${fenced}\n\`\`\`\`\``);
});
