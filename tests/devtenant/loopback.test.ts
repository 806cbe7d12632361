import { afterAll, beforeAll, expect, test } from "bun:test";
import { connect } from "node:net";
import { type DevTenant, startDevTenant } from "../../lib/devtenant/start.ts";
import { begin, poll, postForm, readRefusal } from "./sign-in.ts";

let tenant: DevTenant;
beforeAll(async () => {
  tenant = await startDevTenant({ controlKey: "key" });
});
afterAll(() => tenant.stop());

/** Sends a request as it stands: fetch would not let us choose the Host. */
async function sendRaw(lines: readonly string[]): Promise<number> {
  const { port } = new URL(tenant.origin);
  const socket = connect(Number(port), "127.0.0.1");
  socket.end(`${[...lines, "Connection: close"].join("\r\n")}\r\n\r\n`);
  let answer = "";
  for await (const chunk of socket) answer += String(chunk);
  return Number(answer.split(" ")[1]);
}

const paths = [
  "/devicelogin",
  "/dec0de00-0000-4000-8000-000000000001/discovery/keys",
  "/control/counts",
  "/common/discovery/instance",
];

test.each([
  "evil.example",
  "localhost.evil.example",
  "127.0.0.1.evil.example",
  "evil.example:80",
  "user@evil.example",
  "0.0.0.0",
  "192.168.0.1",
  "[::2]",
  "",
])("a request for the host %p is refused everywhere", async (host) => {
  for (const path of paths) expect(await sendRaw([`GET ${path} HTTP/1.1`, `Host: ${host}`])).toBe(403);
});

test("a hostile Host is refused whatever the request line says", async () => {
  const line = `GET ${tenant.origin}/devicelogin HTTP/1.1`;
  expect(await sendRaw([line, "Host: evil.example"])).toBe(403);
});

test.each(["localhost", "localhost:1234", "127.0.0.1", "[::1]:80", "LOCALHOST"])(
  "a request for the host %p is served",
  async (host) => {
    expect(await sendRaw(["GET /devicelogin HTTP/1.1", `Host: ${host}`])).toBe(200);
  },
);

test.each(["https://evil.example", "null", "http://localhost", "http://127.0.0.1:1"])(
  "a post from the origin %p is refused and changes nothing",
  async (origin) => {
    const { userCode, deviceCode } = await begin(tenant);
    const fields = { user_code: userCode, decision: "approve", person: "ada" };
    for (const url of [tenant.devicePageUrl, `${tenant.devicePageUrl}/decision`]) {
      expect((await postForm(url, fields, { Origin: origin })).status).toBe(403);
    }
    expect((await readRefusal(await poll(tenant, deviceCode))).error).toBe("authorization_pending");
  },
);

test("a post from the page itself is taken", async () => {
  const { userCode } = await begin(tenant);
  const answer = await postForm(tenant.devicePageUrl, { user_code: userCode }, { Origin: tenant.origin });
  expect(answer.status).toBe(200);
});

test("a body over 64 KiB is refused", async () => {
  const answer = await postForm(tenant.devicePageUrl, { user_code: "x".repeat(65 * 1024) });
  expect(answer.status).toBe(413);
});

test("a port that is in use is named", async () => {
  const { port } = new URL(tenant.origin);
  const second = startDevTenant({ port: Number(port) });
  await expect(second).rejects.toMatchObject({
    code: "port_in_use",
    message: `Port ${port} is in use.`,
  });
});

test("stop ends what hangs, and may come twice", async () => {
  const stopping = await startDevTenant();
  stopping.faults.set({ jwks: "hang" });
  const hanging = fetch(`${stopping.origin}/${stopping.tenantId}/discovery/keys`).then(
    ({ status }) => status,
    () => "cut",
  );
  while (stopping.counts.jwks === 0) await fetch(stopping.devicePageUrl);
  await Promise.all([stopping.stop(), stopping.stop()]);
  expect(await hanging).not.toBe(200);
  await expect(fetch(stopping.devicePageUrl)).rejects.toThrow();
});
