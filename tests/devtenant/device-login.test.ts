import { afterAll, beforeAll, expect, test } from "bun:test";
import { type DevTenant, startDevTenant } from "../../lib/devtenant/start.ts";
import { begin, decide, ManualClock, poll, postForm, readRefusal } from "./sign-in.ts";

const clock = new ManualClock();
let tenant: DevTenant;
beforeAll(async () => {
  tenant = await startDevTenant({ clock });
});
afterAll(() => tenant.stop());

const typeCode = (code: string) => postForm(tenant.devicePageUrl, { user_code: code });

test("the person types the code, sees who asks for what, chooses, approves", async () => {
  const { userCode, deviceCode } = await begin(tenant);
  const codePage = await (await fetch(tenant.devicePageUrl)).text();
  expect(codePage).toContain('<form method="post" action="/devicelogin">');
  expect(codePage).toContain('name="user_code"');
  const typed = await typeCode(userCode);
  expect(typed.status).toBe(200);
  const decisionPage = await typed.text();
  expect(decisionPage).toContain('<form method="post" action="/devicelogin/decision">');
  for (const text of ["mcp-client", userCode, tenant.scope, "Ada Lindqvist", "Ben Okafor", "Gia Moreau"]) {
    expect(decisionPage).toContain(text);
  }
  const done = await decide(tenant, { user_code: userCode, person: "ben" });
  expect(done.status).toBe(200);
  expect(await done.text()).toContain("Ben Okafor");
  expect((await poll(tenant, deviceCode)).status).toBe(200);
});

test("case, blanks and hyphens in the code do not matter", async () => {
  const { userCode } = await begin(tenant);
  const typed = ` ${userCode.slice(0, 3).toLowerCase()}-${userCode.slice(3, 6)} ${userCode.slice(6)} `;
  expect((await typeCode(typed)).status).toBe(200);
});

test("a wrong, an expired, a used and an empty code are refused with the form", async () => {
  const expired = await begin(tenant);
  clock.advanceSeconds(900);
  const used = await begin(tenant);
  await decide(tenant, { user_code: used.userCode });
  for (const code of ["BBBBBBBBB", expired.userCode, used.userCode, ""]) {
    const typed = await typeCode(code);
    expect(typed.status).toBe(400);
    expect(await typed.text()).toContain('role="alert"');
    expect((await decide(tenant, { user_code: code })).status).toBe(400);
  }
});

test.each([
  ["without a person", { person: undefined }],
  ["as somebody unknown", { person: "__proto__" }],
  ["without a decision", { decision: undefined }],
  ["with an unknown decision", { decision: "perhaps" }],
])("a decision %s changes nothing", async (_, fields) => {
  const { userCode, deviceCode } = await begin(tenant);
  expect((await decide(tenant, { user_code: userCode, ...fields })).status).toBe(400);
  expect((await readRefusal(await poll(tenant, deviceCode))).error).toBe("authorization_pending");
});

test("declining needs no person", async () => {
  const { userCode, deviceCode } = await begin(tenant);
  const declined = await decide(tenant, { user_code: userCode, decision: "decline", person: undefined });
  expect(declined.status).toBe(200);
  expect((await readRefusal(await poll(tenant, deviceCode))).error).toBe("authorization_declined");
});

test("what was typed is shown escaped and cut", async () => {
  const attack = `"><script>alert('x')</script>&${"A".repeat(100)}`;
  const text = await (await typeCode(attack)).text();
  expect(text).not.toContain("<script");
  expect(text).toContain("&quot;&gt;&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;&amp;");
  expect(text).not.toContain("A".repeat(41));
});

test("pages are not stored, not framed, and run and load nothing", async () => {
  const { userCode } = await begin(tenant);
  for (const response of [await fetch(tenant.devicePageUrl), await typeCode(userCode), await typeCode("x")]) {
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("x-frame-options")).toBe("DENY");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    const policy = response.headers.get("content-security-policy") ?? "";
    expect(policy).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/=]{44}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'$/,
    );
    const page = await response.text();
    const style = /<style>([^]*)<\/style>/.exec(page)?.[1] ?? "";
    expect(policy).toContain(new Bun.CryptoHasher("sha256").update(style).digest("base64"));
    expect(page).toContain('<html lang="en">');
    expect(page).not.toMatch(/<script|<link|<img|style="|onclick/i);
  }
});

test("every field of the pages has a label", async () => {
  const { userCode } = await begin(tenant);
  const codePage = await (await fetch(tenant.devicePageUrl)).text();
  expect(codePage).toMatch(/<label for="user_code">.*<input[^>]* id="user_code"/s);
  const decisionPage = await (await typeCode(userCode)).text();
  expect(decisionPage.match(/<label class="person"><input type="radio"/g)).toHaveLength(3);
  expect(decisionPage).toMatch(/<fieldset>\s*<legend>/);
});
