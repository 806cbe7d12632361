import { describe, expect, test } from "bun:test";
import { quoteWord, renderCommand } from "../../lib/setup/render-commands.ts";
import { resolveReferences, type Step } from "../../lib/setup/step.ts";

async function runShell(script: string): Promise<string> {
  const shell = Bun.spawn(["sh", "-c", script], { env: { API_APP_ID: "the id", PATH: "" }, stdout: "pipe" });
  return new Response(shell.stdout).text();
}

describe("quoteWord", () => {
  test.each([
    "plain-word_1.0",
    "",
    "two words",
    "it's",
    "'; echo no; '",
    '$(echo no) `echo no` ${PATH} \\ " !',
    "line\nfeed",
    "{{nothing}}",
    "--flag",
    "a&b|c;d>e<f*g?h~i#j",
  ])("gives %p to a shell as one word, as it is", async (word) => {
    expect(await runShell(`printf %s ${quoteWord(word)}`)).toBe(word);
  });

  test("puts a variable where an id is not known yet", async () => {
    expect(await runShell(`printf %s ${quoteWord('["api://{{api.appId}}"]')}`)).toBe('["api://the id"]');
  });
});

/** What a script without our variables writes on standard error. */
async function tryShell(script: string): Promise<string> {
  const shell = Bun.spawn(["sh", "-c", script], { env: { PATH: "" }, stderr: "pipe" });
  return new Response(shell.stderr).text();
}

describe("renderCommand", () => {
  const step: Step = {
    id: "create_api",
    sentence: "Create it.",
    action: "create it",
    change: { method: "POST", path: "/applications", body: { displayName: "it's mine" } },
    creates: "api",
  };

  const mend: Step = { id: "scope", sentence: "", action: "", change: step.change };

  test("takes the ids of what it creates, for the lines below", () => {
    const line = renderCommand(step, "public");
    expect(line).toStartWith(
      "set -- $(az rest --method POST --url https://graph.microsoft.com/v1.0/applications ",
    );
    expect(line).toEndWith("--query '[id, appId]' --output tsv) && API_ID=${1:?} API_APP_ID=${2:?}");
  });

  test("ends a script where nothing was created, before a line names what is not there", async () => {
    const next = renderCommand({ ...mend, change: { ...mend.change, path: "/x/{{api.id}}" } }, "public");
    const script = `az() { echo called >&2; return 1; }\n${renderCommand(step, "public")}\n${next}\n`;
    expect((await tryShell(script)).match(/called/g)?.length).toBe(1);
    expect(await tryShell(`az() { echo called >&2; }\n${next}\n`)).not.toContain("called");
  });

  test("addresses the cloud's own directory", () => {
    expect(renderCommand(step, "china")).toContain(
      "https://microsoftgraph.chinacloudapi.cn/v1.0/applications",
    );
  });
});

test("resolveReferences leaves what is not known, and no other braces, alone", () => {
  const value = { path: "/a/{{api.id}}", list: ["{{client.appId}}", "{{x}}", "{{api.name}}"] };
  const resolved = resolveReferences(value, { "api.id": "1" });
  expect(resolved).toEqual({ path: "/a/1", list: ["{{client.appId}}", "{{x}}", "{{api.name}}"] });
});
