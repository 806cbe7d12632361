/** How a program is started whose first sign of work is measured. */
export interface Started {
  readonly command: readonly string[];
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** A server whose first answer is measured. */
export interface StartedServer extends Started {
  /** Opens a session of revision 2025-11-25 in the place of listing tools in 2026-07-28. Default false. */
  readonly isSession?: boolean;
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

const initialize = {
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "bench", version: "1" } },
};

const modernHeaders = { "mcp-protocol-version": "2026-07-28", "mcp-method": "tools/list" };

/** A port that was free a moment ago. */
function findFreePort(): number {
  const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  listener.stop(true);
  return listener.port;
}

/** Asks by a bare connection and not by fetch, whose failures would cost the server the processor. */
async function isListening(port: number): Promise<boolean> {
  try {
    const socket = await Bun.connect({ hostname: "127.0.0.1", port, socket: { data() {} } });
    socket.end();
    return true;
  } catch {
    return false;
  }
}

async function ask(port: number, isSession: boolean): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/mcp`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      ...(isSession ? {} : modernHeaders),
    },
    body: JSON.stringify(isSession ? initialize : listTools),
  });
  return response.text();
}

/** Milliseconds from the start of `mcp-server --no-auth` until it has listed its tools, or opened a session. */
export async function measureFirstAnswer(started: StartedServer): Promise<number> {
  const { command, folder, environment, isSession = false } = started;
  const port = findFreePort();
  const startedAt = performance.now();
  const child = Bun.spawn([...command, "--no-auth", "--port", String(port)], {
    cwd: folder,
    env: { ...environment },
    stdio: ["ignore", "ignore", "ignore"],
  });
  while (child.exitCode === null && !(await isListening(port))) await Bun.sleep(1);
  const answer = await ask(port, isSession);
  const tookMs = performance.now() - startedAt;
  child.kill("SIGKILL");
  await child.exited;
  if (!answer.includes(isSession ? "protocolVersion" : "reverse_tool"))
    throw new Error(`the first answer is ${answer}`);
  return tookMs;
}
