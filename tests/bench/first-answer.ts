/** How a program is started whose first sign of work is measured. */
export interface Started {
  readonly command: readonly string[];
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Milliseconds from start to the first byte on standard output. */
export async function measureFirstByte({ command, folder, environment }: Started): Promise<number> {
  const startedAt = performance.now();
  const child = Bun.spawn([...command], {
    cwd: folder,
    env: { ...environment },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "ignore",
  });
  const reader = child.stdout.getReader();
  const { done } = await reader.read();
  const tookMs = performance.now() - startedAt;
  while (!(await reader.read()).done);
  if (done || (await child.exited) !== 0) throw new Error(`${command.join(" ")} printed nothing or failed`);
  return tookMs;
}

const listTools = {
  jsonrpc: "2.0",
  id: 1,
  method: "tools/list",
  params: {
    _meta: {
      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
      "io.modelcontextprotocol/clientInfo": { name: "bench", version: "1" },
      "io.modelcontextprotocol/clientCapabilities": {},
    },
  },
};

/** Milliseconds from the start of `mcp-server --no-auth` until it has listed its tools. */
export async function measureFirstAnswer({ command, folder, environment }: Started): Promise<number> {
  const startedAt = performance.now();
  const child = Bun.spawn([...command, "--no-auth", "--port", "0"], {
    cwd: folder,
    env: { ...environment },
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
  });
  let log = "";
  const decoder = new TextDecoder();
  for await (const chunk of child.stderr) {
    log += decoder.decode(chunk, { stream: true });
    const [, url] = /Endpoint\s+(http\S+)/.exec(log) ?? [];
    if (url === undefined) continue;
    const response = await fetch(url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        "mcp-protocol-version": "2026-07-28",
        "mcp-method": "tools/list",
      },
      body: JSON.stringify(listTools),
    });
    const text = await response.text();
    if (!text.includes("reverse_tool")) throw new Error(`the first answer is ${response.status} ${text}`);
    break;
  }
  const tookMs = performance.now() - startedAt;
  child.kill("SIGKILL");
  await child.exited;
  return tookMs;
}
