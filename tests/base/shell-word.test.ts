import { expect, test } from "bun:test";
import { quoteShellWord } from "../../lib/base/shell-word.ts";

test.each([
  "https://mcp.contoso.com/mcp",
  "https://x.example/$(echo no)`echo no`",
  "",
  "it's",
  'a "b" \\ c',
  "--flag",
  "line\nfeed",
  "a&b|c;d>e<f*g?h~i#j!k",
])("quoteShellWord gives %p to a shell as one word, as it is", async (word) => {
  const shell = Bun.spawn(["sh", "-c", `printf %s ${quoteShellWord(word)}`], {
    env: { PATH: "" },
    stdout: "pipe",
  });
  expect(await new Response(shell.stdout).text()).toBe(word);
});

test("quoteShellWord leaves what is plain as it is", () => {
  expect(["--url", "https://a.example/mcp", "a b"].map(quoteShellWord).join(" ")).toBe(
    "--url https://a.example/mcp 'a b'",
  );
});
