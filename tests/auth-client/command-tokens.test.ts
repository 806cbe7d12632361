import { describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CommandTokens } from "../../lib/auth/client/command-tokens.ts";
import { splitCommand } from "../../lib/auth/client/split-command.ts";
import { catchAppError, makeClock, makeFolder, textOf } from "./fixtures.ts";

const environment = { PATH: process.env["PATH"] };

/** A script for `sh`, which counts its runs. */
function writeScript(folder: string, body: string) {
  const path = join(folder, "print token.sh");
  const counter = join(folder, "runs");
  writeFileSync(path, `echo run >> "${counter}"\n${body}\n`);
  return {
    command: `sh "${path}"`,
    runs: () => readFileSync(counter, "utf8").trim().split("\n").length,
  };
}

function jwt(expiresAtSeconds: number): string {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${encode({ alg: "none" })}.${encode({ exp: expiresAtSeconds })}.signature`;
}

describe("a token command", () => {
  test("is run once for as long as its token is good, and a minute before the end again", async () => {
    using folder = makeFolder();
    const clock = makeClock();
    const exp = Math.floor(clock.nowMs() / 1000) + 600;
    const script = writeScript(folder.path, `echo ${jwt(exp)}`);
    const tokens = new CommandTokens({ command: script.command, environment, clock });
    const first = await tokens.getToken();
    expect(first).toEqual({ value: jwt(exp), expiresAtSeconds: exp });
    expect(await Promise.all([tokens.getToken(), tokens.getToken()])).toEqual([first, first]);
    expect(script.runs()).toBe(1);
    clock.advance(541_000);
    await tokens.getToken();
    expect(script.runs()).toBe(2);
  });

  test("is run again for a refused token, once for all who report it", async () => {
    using folder = makeFolder();
    const script = writeScript(folder.path, 'echo "token-$(wc -l < runs | tr -d " ")"');
    const command = `sh -c "cd '${folder.path}' && sh 'print token.sh'"`;
    writeFileSync(
      join(folder.path, "print token.sh"),
      'echo run >> runs\necho "token-$(wc -l < runs | tr -d " ")"\n',
    );
    const tokens = new CommandTokens({ command, environment });
    const first = await tokens.getToken();
    expect(first).toEqual({ value: "token-1", expiresAtSeconds: Number.MAX_SAFE_INTEGER });
    const rejected = { rejected: first.value };
    const renewed = await Promise.all([tokens.getToken(rejected), tokens.getToken(rejected)]);
    expect(renewed.map(({ value }) => value)).toEqual(["token-2", "token-2"]);
    expect(script.runs()).toBe(2);
  });

  test.each([
    ["ends with an error", "echo s3cret; echo s3cret >&2; exit 4", /exit code 4/],
    ["prints nothing", "true", /prints nothing/],
    ["prints several words", "echo Your token: s3cret", /something else than one token/],
    ["prints more than 64 KiB", "head -c 70000 /dev/zero | tr '\\0' s", /more than a token/],
  ])("that %s is an error without what it printed", async (_, body, message) => {
    using folder = makeFolder();
    const { command } = writeScript(folder.path, body);
    const error = await catchAppError(() => new CommandTokens({ command, environment }).getToken());
    expect([error.code, error.exitCode]).toEqual(["sign_in_failed", 3]);
    expect(error.message).toMatch(message);
    expect(textOf(error)).not.toContain("s3cret");
    expect(error.hint).toContain("one access token");
  });

  test("that hangs is ended", async () => {
    using folder = makeFolder();
    const { command } = writeScript(folder.path, "exec sleep 100");
    const error = await catchAppError(() =>
      new CommandTokens({ command, environment, limitMs: 200 }).getToken(),
    );
    expect(error.message).toContain("took longer than 0.2 s");
  });

  test("that does not exist is named", async () => {
    const error = await catchAppError(() =>
      new CommandTokens({ command: "no-such-program-here x", environment }).getToken(),
    );
    expect(error.message).toContain('"no-such-program-here" cannot be started');
  });

  test("is not run by a shell", async () => {
    using folder = makeFolder();
    const marker = join(folder.path, "marker");
    const command = `echo $(touch ${marker}) ; touch ${marker}`;
    await catchAppError(() => new CommandTokens({ command, environment }).getToken());
    expect(() => readFileSync(marker)).toThrow();
  });
});

describe("splitCommand", () => {
  test.each([
    ["az account get-access-token", ["az", "account", "get-access-token"]],
    ["  a \t b\n", ["a", "b"]],
    [`a "b c" 'd "e"' f`, ["a", "b c", 'd "e"', "f"]],
    [String.raw`"C:\Program Files\x.exe" C:\y`, ["C:\\Program Files\\x.exe", "C:\\y"]],
    [String.raw`a "b \"c\" \\ d"`, ["a", 'b "c" \\ d']],
    [`a ""`, ["a", ""]],
    [`a'b'"c"`, ["abc"]],
    ["a $HOME `b` *", ["a", "$HOME", "`b`", "*"]],
  ])("%j", (text, words) => {
    expect(splitCommand(text)).toEqual(words);
  });

  test.each(["", "  ", '"" a', "a 'b", 'a "b'])("%j is refused", (text) => {
    expect(() => splitCommand(text)).toThrow(expect.objectContaining({ code: "usage" }));
  });
});
