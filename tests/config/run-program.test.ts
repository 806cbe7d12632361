import { describe, expect, test } from "bun:test";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AppError } from "../../lib/base/errors.ts";
import { defineProgram } from "../../lib/config/program.ts";
import { type Context, type Io, runProgram } from "../../lib/config/run-program.ts";
import { styleOf } from "../../lib/config/style-of.ts";

const options = {
  name: { kind: "text", flag: "name", env: ["PROBE_NAME"], help: "A name." },
  words: { kind: "list", flag: "words", help: "Words.", default: ["a", "b"] },
  json: { kind: "switch", flag: "json", help: "JSON." },
  other: { kind: "switch", flag: "other", help: "Of the other command." },
} as const;

const program = defineProgram({
  name: "probe",
  summary: "Probe.",
  options,
  defaultCommand: "first",
  commands: {
    first: { summary: "First", options: ["name", "words", "json"] },
    second: {
      summary: "Second",
      options: ["json", "other"],
      positionals: [
        { name: "WHAT", help: "what", required: true },
        { name: "MORE", help: "more", rest: true },
      ],
    },
  },
});

type ProbeContext = Context<typeof options>;

function createStream(columns?: number, isTTY = false) {
  let text = "";
  const stream = { columns, isTTY, write: (piece: string) => (text += piece) };
  // The part of a stream that the programs use.
  return { stream: stream as unknown as NodeJS.WriteStream, read: () => text };
}

async function run(
  argv: string[],
  work: (context: ProbeContext) => number | void = () => {},
  stderr = createStream(),
) {
  const stdout = createStream(200);
  const io: Io = {
    argv,
    environment: {},
    folder: mkdtempSync(join(tmpdir(), "mcp-entra-run-")),
    stdout: stdout.stream,
    stderr: stderr.stream,
    stdin: process.stdin,
    print: (text) => void stdout.stream.write(text),
    mayBeTerminal: () => stdout.stream.isTTY === true,
  };
  const load = async () => ({ run: async (context: ProbeContext) => work(context) });
  const exitCode = await runProgram(program, { first: load, second: load }, io);
  return { exitCode, stdout: stdout.read(), stderr: stderr.read(), folder: io.folder };
}

const long =
  "This sentence is much longer than a narrow terminal, and https://example.com/is/not/broken/anywhere.";
const fail = () => {
  throw new AppError("unreachable", long, { hint: long });
};

test("breaks long sentences between words on a terminal, and nowhere else", async () => {
  const { stderr } = await run([], fail, createStream(40, true));
  const [first = "", ...rows] = stderr.trimEnd().split("\n");
  expect(first).toStartWith("probe: This sentence");
  for (const row of [first, ...rows]) {
    expect(row.length <= 40 || row.includes("https://example.com/is/not/broken/anywhere.")).toBe(true);
  }
  expect(stderr.replace(/\s+/g, " ")).toBe(`probe: ${long} ${long} `);
  expect((await run([], fail)).stderr).toBe(`probe: ${long}\n  ${long}\n`);
});

test("does not take the --json of a server's command for its own", async () => {
  expect((await run(["second", "a", "--", "--json"], fail)).stderr).toStartWith("probe: ");
  for (const json of ["--json", "--json=true", "--json=1"]) {
    expect((await run(["second", "a", json], fail)).stderr).toStartWith('{"error"');
  }
  expect((await run(["second", "a", "--json=false"], fail)).stderr).toStartWith("probe: ");
});

describe("a program", () => {
  test("runs its default command with defaults, and returns its exit code", async () => {
    let seen: ProbeContext | undefined;
    const { exitCode } = await run([], (context) => {
      seen = context;
      return 5;
    });
    expect(exitCode).toBe(5);
    expect(seen?.command).toBe("first");
    expect(seen?.values).toEqual({ name: undefined, words: ["a", "b"], json: false, other: false });
  });

  test("hands the words after a command on", async () => {
    let positionals: readonly string[] = [];
    const { exitCode } = await run(["second", "a", "b=c", "--json", "d"], (context) => {
      positionals = context.positionals;
    });
    expect({ exitCode, positionals }).toEqual({ exitCode: 0, positionals: ["a", "b=c", "d"] });
  });

  test.each([
    [["second"], '"second" needs WHAT: what.'],
    [["second", "a", "--name", "x"], '--name is not a flag of "second".'],
    [["--other"], '--other is not a flag of "first".'],
    [["first", "x"], '"first" takes no further word; "x" is too much.'],
  ])("refuses %j", async (argv, message) => {
    const { exitCode, stderr } = await run(argv);
    expect(exitCode).toBe(2);
    expect(stderr).toStartWith(`probe: ${message}\n`);
  });

  test("reports an error in a sentence and its hint, neutralised", async () => {
    const { exitCode, stdout, stderr } = await run([], () => {
      throw new AppError("unreachable", "No \u001B[31mway.", {
        hint: "Try\u0007 later.\nOr not.",
        detail: "secret",
      });
    });
    expect({ exitCode, stdout, stderr }).toEqual({
      exitCode: 4,
      stdout: "",
      stderr: "probe: No way.\n  Try later.\n  Or not.\n",
    });
  });

  test("reports an error as one JSON line with --json", async () => {
    const { stderr } = await run(["--json"], () => {
      throw new AppError("rate_limited", "Too\nfast.", { retryAfterSeconds: 7, detail: "secret" });
    });
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(JSON.parse(stderr)).toEqual({
      error: { code: "rate_limited", message: "Too\nfast.", retryAfterSeconds: 7 },
    });
  });

  test("says what it was when something unexpected went wrong, without a stack trace", async () => {
    const { exitCode, stderr } = await run([], () => {
      throw new TypeError("x is not a function");
    });
    expect(exitCode).toBe(1);
    expect(stderr).toBe("probe: Something unexpected went wrong.\n  TypeError: x is not a function\n");
  });

  test("shows help of at most 120 columns, of a command where one is named, and runs nothing", async () => {
    const failing = () => {
      throw new Error("it ran");
    };
    const whole = await run(["--help"], failing);
    expect(whole.stdout).toContain("[COMMAND]");
    expect(whole.stdout).toContain("First (the default)");
    expect(whole.stdout).toContain("--version");
    const one = await run(["second", "-h"], failing);
    expect(one.stdout).toContain("probe second [FLAGS] WHAT [MORE ...]");
    expect(one.stdout).not.toContain("--version");
    expect(one.stdout).not.toContain("COMMANDS");
    for (const line of whole.stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(120);
  });

  test("refuses an environment file of more than 256 KiB", async () => {
    const folder = mkdtempSync(join(tmpdir(), "mcp-entra-run-"));
    const path = join(folder, "big.env");
    writeFileSync(path, `# ${"x".repeat(256 * 1024)}\n`);
    const { readEnvFile } = await import("../../lib/config/env-file.ts");
    expect(() => readEnvFile(path, folder)).toThrow("256 KiB");
  });
});

describe("a stream", () => {
  test.each([
    ["a terminal", true, {}, { isTerminal: true, isLive: true, hasColor: true, columns: 100 }],
    ["NO_COLOR", true, { NO_COLOR: "1" }, { isTerminal: true, isLive: true, hasColor: false, columns: 100 }],
    [
      "an empty NO_COLOR",
      true,
      { NO_COLOR: "" },
      { isTerminal: true, isLive: true, hasColor: true, columns: 100 },
    ],
    [
      "a dumb terminal",
      true,
      { TERM: "dumb" },
      { isTerminal: true, isLive: false, hasColor: false, columns: 100 },
    ],
    ["a pipe", false, {}, { isTerminal: false, isLive: false, hasColor: false, columns: 100 }],
  ])("that is %s", (_, isTTY, environment, style) => {
    expect(styleOf({ environment }, createStream(100, isTTY).stream)).toEqual(style);
  });

  test("of unknown width counts as 80 columns", () => {
    expect(styleOf({ environment: {} }, createStream(undefined, false).stream).columns).toBe(80);
  });
});
