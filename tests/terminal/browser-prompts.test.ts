import { describe, expect, test } from "bun:test";
import { PassThrough } from "node:stream";
import { createBrowserPrompts } from "../../lib/terminal/sign-in-prompts.ts";
import { hostileTexts } from "./hostile.ts";

function openTerminal(typed: string) {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const output = new PassThrough();
  input.write(typed);
  let shown = "";
  output.on("data", (bytes: Buffer) => (shown += bytes.toString()));
  return { prompts: createBrowserPrompts({ input, output }), shown: () => shown };
}

describe("signing in with a browser", () => {
  test("shows the address on a line of its own, to be copied", () => {
    const { prompts, shown } = openTerminal("");
    prompts.showAddress("https://as.example/authorize?a=b&c=d");
    expect(shown().split("\n")).toContain("https://as.example/authorize?a=b&c=d");
  });

  test.each([
    ["y\r", true],
    ["\r", false],
  ])("asks for the issuer; %j is %p", async (typed, agreed) => {
    const { prompts, shown } = openTerminal(typed);
    const record = { origin: "https://mcp.example", issuer: "https://as.example" };
    expect(await prompts.askToTrustIssuer(record, {})).toBe(agreed);
    expect(shown()).toContain("  Server     https://mcp.example\n  Sign-in    https://as.example\n");
  });

  test("names the page and the token endpoint that are not the issuer's own", async () => {
    const { prompts, shown } = openTerminal("\r");
    const own = { origin: "https://a.example", issuer: "https://a.example" };
    const elsewhere = { page: "https://honest.example", tokenEndpoint: "https://evil.example" };
    await prompts.askToTrustIssuer({ ...own, ...elsewhere }, {});
    expect(shown()).toContain("  Page       https://honest.example\n  Tokens     https://evil.example\n");
  });

  test("shows a name of letters that look like others in ASCII", async () => {
    const { prompts, shown } = openTerminal("\r");
    await prompts.askToTrustIssuer({ origin: "https://a.example", issuer: "https://\u0430s.example" }, {});
    expect(shown()).toContain("  Sign-in    https://xn--s-7sb.example\n");
  });

  test.each([...hostileTexts])("shows nothing that a terminal obeys when an issuer %s", async (_, text) => {
    const { prompts, shown } = openTerminal("\r");
    prompts.showAddress(text);
    await prompts.askToTrustIssuer({ origin: text, issuer: text }, {});
    // What readline itself draws for the question begins with this.
    const [facts] = shown().split("\u001B[1G\u001B[0J");
    expect(facts).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/);
  });
});
