// Sends tokens with unknown key ids at a steady rate, as a process of its own; `unknown-keys.ts` starts it. The
// settings come as JSON from standard input, how often each status was answered goes to standard output.

/** What is to be sent. */
export interface UnknownKeysLoad {
  readonly url: string;
  /** A valid token: each request gets its claims and its signature, and a header with a key id of its own. */
  readonly token: string;
  readonly requests: number;
  readonly perSecond: number;
}

async function send({ url, token }: UnknownKeysLoad): Promise<number> {
  const header = JSON.stringify({ alg: "RS256", typ: "JWT", kid: crypto.randomUUID() });
  const [, payload, signature] = token.split(".");
  const authorization = `Bearer ${Buffer.from(header).toString("base64url")}.${payload}.${signature}`;
  const headers = { authorization, "content-type": "application/json" };
  const response = await fetch(url, { method: "POST", headers, body: "{}" });
  await response.arrayBuffer();
  return response.status;
}

async function run(load: UnknownKeysLoad): Promise<Readonly<Record<string, number>>> {
  const startedAt = performance.now();
  const answers: Promise<number>[] = [];
  while (answers.length < load.requests) {
    const due = Math.floor(((performance.now() - startedAt) / 1000) * load.perSecond);
    while (answers.length < Math.min(due, load.requests)) answers.push(send(load));
    await Bun.sleep(1);
  }
  const statuses = await Promise.all(answers);
  return Object.fromEntries([...Map.groupBy(statuses, String)].map(([name, all]) => [name, all.length]));
}

if (import.meta.main) {
  const load = (await Bun.stdin.json()) as UnknownKeysLoad;
  process.stdout.write(JSON.stringify(await run(load)));
}
