import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { startFullServer } from "../harness/full-servers.ts";
import { createFolder, runProgram } from "../harness/program.ts";

setDefaultTimeout(30_000);

const client = resolve(import.meta.dir, "../../dist/mcp-client");
const shells = ["bash", "zsh", "fish"] as const;

/** What a shell's own function offers at the end of a line. */
async function completeIn(shell: string, line: string, folder = createFolder()): Promise<string[]> {
  const home = folder;
  const scripts: Record<string, string> = {
    bash: `eval "$(mcp-client completion bash)"; COMP_LINE="$LINE"; COMP_POINT=\${#COMP_LINE}; _mcp_client mcp-client; printf '%s\\n' "\${COMPREPLY[@]}"`,
    fish: 'mcp-client completion fish | source; complete -C "$LINE" | string replace -r "\\t.*" ""',
    zsh: `compdef() {}; eval "$(mcp-client completion zsh)"; compadd() { while [[ $1 != -- ]]; do shift; done; shift; print -l -- "$@"; }; _files() { print :file; }; words=(\${=LINE}); [[ $LINE == *' ' ]] && words+=(''); CURRENT=$#words; _mcp_client`,
  };
  const child = Bun.spawn([shell, "-c", scripts[shell] ?? ""], {
    cwd: folder,
    env: { PATH: `${dirname(client)}:${process.env["PATH"]}`, HOME: home, LINE: line },
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  expect(stderr).toBe("");
  // fish sorts by itself.
  return stdout
    .split("\n")
    .filter((word) => word !== "")
    .toSorted();
}

/** Tests of a shell that is not here skip, but never in CI, where `.ci/run` installs them all. */
const isCi = process.env["CI"] !== undefined;
const rows = shells.map(
  (shell) => [shell, Bun.which(shell) === null && !isCi ? " (skipped: it is not installed)" : ""] as const,
);

describe.each(rows)("in %s%s", (shell, missing) => {
  const isMissing = missing !== "";

  test.skipIf(isMissing)("commands, flags and choices are completed", async () => {
    expect(await completeIn(shell, "mcp-client res")).toEqual(["resources"]);
    expect(await completeIn(shell, "mcp-client call --progress j")).toEqual(["json"]);
    expect(await completeIn(shell, "mcp-client whoami --tenan")).toEqual(["--tenant-id"]);
    expect(await completeIn(shell, "mcp-client help pro")).toEqual(["prompt", "prompts"]);
    expect(await completeIn(shell, "mcp-client completion f")).toEqual(["fish"]);
    expect(await completeIn(shell, "mcp-client config ")).toEqual(["for", "show"]);
  });

  test.skipIf(isMissing)(
    "names of tools, arguments, choices, prompts and resources are completed",
    async () => {
      await using server = startFullServer("modern");
      const at = `mcp-client -n --url ${server.url}`;
      expect(await completeIn(shell, `${at} call or`)).toEqual(["order"]);
      expect(await completeIn(shell, `${at} call order `)).toEqual(["color=", "count=", "id="]);
      expect(await completeIn(shell, `${at} call order id=1 co`)).toEqual(["color=", "count="]);
      const colors = await completeIn(shell, `${at} call order color=r`);
      // bash takes what is behind "=" for a word of its own.
      expect(colors).toEqual([shell === "bash" ? "red" : "color=red"]);
      expect(await completeIn(shell, `${at} prompt gr`)).toEqual(["greeting"]);
      expect(await completeIn(shell, `${at} prompt greeting who=a `)).toEqual(["city="]);
      const [resource = ""] = await completeIn(shell, `${at} read test://te`);
      expect("test://text").toEndWith(resource);
    },
  );
});

test("a real bash completes on a terminal at a Tab", async () => {
  let screen = "";
  const folder = createFolder();
  const child = Bun.spawn(["bash", "--norc", "--noprofile", "-i"], {
    cwd: folder,
    env: { PATH: `${dirname(client)}:${process.env["PATH"]}`, HOME: folder, TERM: "dumb", PS1: "> " },
    terminal: { cols: 120, rows: 24, data: (_, chunk) => void (screen += new TextDecoder().decode(chunk)) },
  });
  const waitFor = async (text: string) => {
    while (!screen.includes(text)) await Bun.sleep(10);
  };
  child.terminal?.write('eval "$(mcp-client completion bash)"; echo rea""dy\r');
  await waitFor("ready");
  child.terminal?.write('mcp-client completi\tba\t; echo do""ne\r');
  await waitFor("done");
  child.kill("SIGKILL");
  await child.exited;
  expect(Bun.stripANSI(screen)).toContain("complete -F _mcp_client mcp-client");
});

describe("what is asked of the server", () => {
  const complete = (words: readonly string[], folder: string, env: Record<string, string> = {}) =>
    runProgram("mcp-client", {
      args: ["__complete", "--", ...words.slice(0, -1), `:${words.at(-1)}`],
      folder,
      env: { XDG_CACHE_HOME: join(folder, "cache"), ...env },
    });

  test("is kept for a minute, for its user alone", async () => {
    await using server = startFullServer("legacy");
    const folder = createFolder();
    const words = ["-n", "--url", server.url, "call", "or"];
    expect((await complete(words, folder)).stdout).toBe("order\tTakes an order.\n");
    expect((await complete(words, folder)).stdout).toBe("order\tTakes an order.\n");
    expect(server.count("tools/list")).toBe(1);
    const kept = join(folder, "cache", "mcp-entra", "completion");
    const [file = ""] = readdirSync(kept);
    expect(statSync(join(kept, file)).mode & 0o777).toBe(0o600);
    expect(statSync(kept).mode & 0o777).toBe(0o700);
    const saved = JSON.parse(readFileSync(join(kept, file), "utf8"));
    writeFileSync(join(kept, file), JSON.stringify({ ...saved, savedAtMs: saved.savedAtMs - 61_000 }));
    await complete(words, folder);
    expect(server.count("tools/list")).toBe(2);
  });

  test("is not offered where a shell would obey it", async () => {
    await using server = startFullServer("modern");
    const { stdout } = await complete(["-n", "--url", server.url, "call", ""], createFolder());
    expect(stdout).toContain("order\t");
    expect(stdout).not.toContain("touch");
  });

  test.each([
    ["a server that is not there", ["-n", "--url", "http://127.0.0.1:9/mcp", "call", ""]],
    ["no token", ["--url", "http://127.0.0.1:9/mcp", "call", ""]],
    ["a flag that is none", ["--bogus", "call", ""]],
    ["an unknown command", ["bogus", ""]],
    ["a server of no mcp.json", ["-s", "nothing", "call", ""]],
  ])("is nothing with %s, without a word", async (_, words) => {
    expect(await complete(words, createFolder())).toEqual({ exitCode: 0, stdout: "", stderr: "" });
  });

  test("starts no command, and no address that lies about in ./.env is asked", async () => {
    await using server = startFullServer("modern");
    const folder = createFolder();
    const mine = {
      command: process.execPath,
      args: ["-e", 'require("node:fs").writeFileSync("started", "")'],
    };
    writeFileSync(
      join(folder, "mcp.json"),
      JSON.stringify({ mcpServers: { mine, web: { url: server.url } } }),
    );
    writeFileSync(join(folder, ".env"), `MCP_SERVER_URL=${server.url}\n`);
    expect((await complete(["-s", ""], folder)).stdout).toBe("mine\nweb\n");
    expect((await complete(["-s", "mine", "call", ""], folder)).stdout).toBe("");
    expect((await complete(["-n", "call", ""], folder)).stdout).toBe("");
    expect(readdirSync(folder)).not.toContain("started");
    expect(server.seen).toEqual([]);
  });
});
