import { describe, expect, test } from "bun:test";
import { readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createFolder, runProgram } from "../harness/program.ts";
import { type Application, emptyDirectory, type FakeDirectory, newApplication } from "../setup/fake-az.ts";
import { startAz } from "../setup/start-az.ts";

type Az = ReturnType<typeof startAz>;

const vscode = "aebc6443-996d-45c2-90f0-388ff96faa56";
const publicUrl = "https://mcp.contoso.com/mcp";

interface PlannedStep {
  readonly id: string;
  readonly sentence: string;
  readonly command: readonly string[];
}
interface Document {
  readonly tenantId: string;
  readonly api: { readonly clientId: string | null };
  readonly client: { readonly clientId: string | null };
  readonly steps: readonly PlannedStep[];
  readonly failed?: readonly { readonly id: string; readonly code: string }[];
  readonly settings?: string;
}

function setUp(az: Az, args: readonly string[], folder = createFolder()) {
  return runProgram("mcp-server", { args: ["setup", "entra", ...args], env: az.environment, folder });
}

async function readPlan(az: Az, args: readonly string[] = [], folder = createFolder()) {
  const { stdout, stderr, exitCode } = await setUp(az, ["--json", ...args], folder);
  const document = (stdout === "" ? {} : JSON.parse(stdout)) as Document;
  return { document, ids: document.steps?.map(({ id }) => id), stderr, exitCode };
}

/** The code and the hint of the error on standard error, which is one line of JSON. */
function readError(stderr: string): { code: string; message: string; hint: string } {
  return (
    JSON.parse(stderr.trim().split("\n").at(-1) ?? "") as {
      error: { code: string; message: string; hint: string };
    }
  ).error;
}

function named(az: Az, name: string): Application {
  const found = az.read().applications.find(({ displayName }) => displayName === name);
  if (!found) throw new Error(`no ${name}`);
  return found;
}

const all = [
  "create_api",
  "token_version",
  "scope",
  "app_role",
  "app_id_uri",
  "public_url",
  "api_principal",
  "create_client",
  "public_client",
  "redirect_uri",
  "page_redirect",
  "permission",
  "client_principal",
  "pre_authorize",
  "admin_consent",
];
const everything = ["--public-url", publicUrl, "--app-role", "Tools.Run", "--admin-consent"];

describe("setup entra where nothing is there yet", () => {
  test("shows the plan and changes nothing without --apply", async () => {
    const az = startAz();
    const folder = createFolder();
    const { stdout, stderr, exitCode } = await setUp(az, everything, folder);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^What is missing:\n 1\. Create the registration "mcp-server"/);
    expect(stdout.trim().split("\n").length).toBe(all.length + 1);
    expect(stderr).toMatch(/Nothing was changed\. Add --apply/);
    expect(az.takeChanges()).toEqual([]);
    expect((await readPlan(az, everything)).ids).toEqual(all);
  });

  test("with --apply makes both registrations, writes the settings, and has nothing left to do", async () => {
    const az = startAz();
    const folder = createFolder();
    const { exitCode, stderr } = await setUp(az, [...everything, "--apply"], folder);
    expect([exitCode, stderr.match(/✓/g)?.length]).toEqual([0, all.length]);
    const [api, client] = [named(az, "mcp-server"), named(az, "mcp-client")];
    const [scope] = api.api.oauth2PermissionScopes;
    expect(api.identifierUris).toEqual([`api://${api.appId}`, publicUrl]);
    expect(api.api.requestedAccessTokenVersion).toBe(2);
    expect(scope).toMatchObject({ value: "execute", isEnabled: true });
    expect(api.appRoles).toMatchObject([{ value: "Tools.Run", allowedMemberTypes: ["Application"] }]);
    expect(api.api.preAuthorizedApplications).toEqual([
      { appId: vscode, delegatedPermissionIds: [scope?.id ?? ""] },
    ]);
    expect(client).toMatchObject({
      isFallbackPublicClient: true,
      publicClient: { redirectUris: ["http://localhost"] },
      spa: { redirectUris: ["https://mcp.contoso.com/"] },
      requiredResourceAccess: [
        { resourceAppId: api.appId, resourceAccess: [{ id: scope?.id, type: "Scope" }] },
      ],
    });
    const { servicePrincipals, grants, tenantId } = az.read();
    expect(servicePrincipals.map(({ appId }) => appId)).toEqual([api.appId, client.appId]);
    expect(grants).toMatchObject([
      {
        clientId: servicePrincipals[1]?.["id"],
        resourceId: servicePrincipals[0]?.["id"],
        consentType: "AllPrincipals",
        scope: "execute",
      },
    ]);
    const file = join(folder, ".env");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, "utf8").split("\n").slice(1)).toEqual([
      `ENTRA_TENANT_ID=${tenantId}`,
      `ENTRA_API_CLIENT_ID=${api.appId}`,
      `ENTRA_CLIENT_ID=${client.appId}`,
      `ENTRA_API_SCOPE=api://${api.appId}/execute`,
      `ENTRA_AUDIENCE=${publicUrl}`,
      "ENTRA_APP_ROLES=Tools.Run",
      `MCP_PUBLIC_URL=${publicUrl}`,
      `MCP_SERVER_URL=${publicUrl}`,
      "",
    ]);
    az.takeChanges();
    const again = await setUp(az, [...everything, "--apply"], folder);
    expect([again.exitCode, again.stderr.includes("Nothing is missing."), az.takeChanges()]).toEqual([
      0,
      true,
      [],
    ]);
  }, 60_000);

  test("sends each body through a file that is readable for one person alone", async () => {
    const az = startAz();
    await setUp(az, ["--apply", "--write-env", "-"]);
    const sent = az.read().log.filter(({ bodyMode }) => bodyMode !== undefined);
    expect(sent.length).toBeGreaterThan(8);
    expect(new Set(sent.map(({ bodyMode }) => bodyMode))).toEqual(new Set(["600"]));
    for (const { words } of sent) expect(words.join(" ")).not.toContain("{");
  }, 60_000);

  test("prints az commands that a shell runs to the same end", async () => {
    const az = startAz();
    const { stdout, exitCode } = await setUp(az, [...everything, "--print"]);
    expect([exitCode, az.takeChanges()]).toEqual([0, []]);
    expect(stdout).toContain(`# Pre-authorise vscode (${vscode}), `);
    const shell = Bun.spawn(["sh", "-e"], { env: az.environment, stdin: new Blob([stdout]), stderr: "pipe" });
    expect([await shell.exited, await new Response(shell.stderr).text()]).toEqual([0, ""]);
    expect((await readPlan(az, everything)).ids).toEqual([]);
    expect((await setUp(az, [...everything, "--print"])).stdout).toBe("# Nothing is missing.\n");
  }, 60_000);
});

/** Registrations to which others added things, and of which half is missing. */
function halfDone(): Partial<FakeDirectory> {
  const scopes = [
    { id: "20000000-0000-4000-8000-000000000001", value: "read", isEnabled: true, type: "Admin" },
    { id: "20000000-0000-4000-8000-000000000002", value: "execute", isEnabled: false, type: "User" },
  ];
  const others = {
    appId: "30000000-0000-4000-8000-000000000001",
    delegatedPermissionIds: [scopes[0]?.id ?? ""],
  };
  const api = newApplication({ displayName: "mcp-server" });
  const client = newApplication({
    displayName: "mcp-client",
    isFallbackPublicClient: true,
    publicClient: { redirectUris: ["http://127.0.0.1", "http://localhost"] },
    spa: { redirectUris: ["https://other.contoso.com/"] },
    requiredResourceAccess: [
      { resourceAppId: "00000003-0000-0000-c000-000000000000", resourceAccess: [{ id: "x", type: "Scope" }] },
      { resourceAppId: api.appId, resourceAccess: [{ id: scopes[0]?.id, type: "Scope" }] },
    ],
  });
  const made: Application = {
    ...api,
    identifierUris: [`api://${api.appId}`, "https://old.contoso.com/mcp"],
    api: {
      requestedAccessTokenVersion: 2,
      oauth2PermissionScopes: scopes,
      preAuthorizedApplications: [others],
    },
    appRoles: [{ id: "r", value: "Tools.Run", isEnabled: true, allowedMemberTypes: ["User"] }],
  };
  return {
    applications: [made, client, newApplication({ displayName: "something else" })],
    servicePrincipals: [{ id: "40000000-0000-4000-8000-000000000001", appId: api.appId }],
  };
}

describe("setup entra where something is there", () => {
  test("plans what is missing alone, and keeps what others added", async () => {
    const az = startAz(halfDone());
    const [before, client] = [named(az, "mcp-server"), named(az, "mcp-client")];
    const missing = ["scope", "app_role", "public_url", "page_redirect", "permission", "client_principal"];
    const wanted = [...missing, "pre_authorize", "admin_consent"];
    expect((await readPlan(az, everything)).ids).toEqual(wanted);
    const { exitCode } = await setUp(az, [...everything, "--apply"]);
    expect([exitCode, (await readPlan(az, everything)).ids]).toEqual([0, []]);
    const after = named(az, "mcp-server");
    const [read, execute] = before.api.oauth2PermissionScopes;
    expect(after.api.oauth2PermissionScopes).toMatchObject([{ ...read }, { ...execute, isEnabled: true }]);
    expect(after.identifierUris).toEqual([...before.identifierUris, publicUrl]);
    expect(after.appRoles).toMatchObject([{ id: "r", allowedMemberTypes: ["User", "Application"] }]);
    expect(after.api.preAuthorizedApplications).toEqual([
      ...before.api.preAuthorizedApplications,
      { appId: vscode, delegatedPermissionIds: [execute?.id ?? ""] },
    ]);
    const mended = named(az, "mcp-client");
    expect(mended.publicClient).toEqual(client.publicClient);
    expect(mended.spa.redirectUris).toEqual(["https://other.contoso.com/", "https://mcp.contoso.com/"]);
    expect(mended.requiredResourceAccess).toMatchObject([
      { ...client.requiredResourceAccess[0] },
      { resourceAppId: after.appId, resourceAccess: [{ id: read?.id }, { id: execute?.id, type: "Scope" }] },
    ]);
    expect(az.read().applications.length).toBe(3);
  }, 60_000);

  test("adds its scope to a consent that is there, without a second one", async () => {
    const az = startAz();
    await setUp(az, ["--apply", "--write-env", "-", "--admin-consent"]);
    az.change((directory) => {
      directory.grants = directory.grants.map((grant) => ({ ...grant, scope: "read" }));
    });
    expect((await readPlan(az, ["--admin-consent"])).ids).toEqual(["admin_consent"]);
    await setUp(az, ["--apply", "--write-env", "-", "--admin-consent"]);
    expect(az.read().grants).toMatchObject([{ scope: "read execute" }]);
  }, 60_000);

  test("writes app roles back without what Graph adds to them", async () => {
    const az = startAz();
    await setUp(az, ["--apply", "--write-env", "-", "--app-role", "Tools.Run"]);
    const { exitCode } = await setUp(az, ["--apply", "--write-env", "-", "--app-role", "Tools.Read"]);
    const roles = named(az, "mcp-server").appRoles.map(({ value, origin }) => [value, origin]);
    expect([exitCode, roles]).toEqual([
      0,
      [
        ["Tools.Run", "Application"],
        ["Tools.Read", "Application"],
      ],
    ]);
  }, 60_000);

  test("pre-authorises whom --pre-authorize names, and nobody for none", async () => {
    const az = startAz();
    const extra = "50000000-0000-4000-8000-00000000000A";
    await setUp(az, ["--apply", "--write-env", "-", "--pre-authorize", `azure-cli,${extra}`]);
    const clients = named(az, "mcp-server").api.preAuthorizedApplications.map(({ appId }) => appId);
    expect(clients).toEqual(["04b07795-8ddb-461a-bbee-02f9e1bf7b46", extra.toLowerCase()]);
    expect((await readPlan(az, ["--pre-authorize", "none"])).ids).toEqual([]);
    expect((await readPlan(az)).ids).toEqual(["pre_authorize"]);
  }, 60_000);

  test("asks which one is meant where there are several of a name", async () => {
    const twins = [
      newApplication({ displayName: "mcp-server" }),
      newApplication({ displayName: "mcp-server" }),
    ];
    const az = startAz({ applications: twins });
    const { stderr, exitCode } = await readPlan(az);
    const { code, message, hint } = readError(stderr);
    expect([code, exitCode]).toEqual(["several_registrations", 2]);
    for (const { appId } of twins) expect(message).toContain(appId);
    expect(hint).toContain("--api-client-id");
    const { document, ids } = await readPlan(az, ["--api-client-id", twins[1]?.appId ?? ""]);
    expect([document.api.clientId, ids?.includes("create_api")]).toEqual([twins[1]?.appId ?? "", false]);
  }, 60_000);

  test("notices somebody who makes the same at the same time", async () => {
    const az = startAz({ hasTwins: true });
    const { stderr, exitCode } = await readPlan(az, ["--apply", "--write-env", "-"]);
    expect([readError(stderr).code, exitCode]).toEqual(["several_registrations", 2]);
  }, 60_000);
});

describe("setup entra that cannot go on", () => {
  test.each<[string, Partial<FakeDirectory>, readonly string[], [code: string, exit: number, hint: RegExp]]>([
    ["nobody is signed in", { signedIn: false }, [], ["sign_in_required", 3, /az login/]],
    ["the sign-in has ended", { isExpired: true }, [], ["sign_in_required", 3, /az login/]],
    [
      "the tenant is another one",
      {},
      ["--tenant-id", "10000000-0000-4000-8000-000000000009"],
      ["az_wrong_tenant", 2, /az login --tenant 10000000-0000-4000-8000-000000000009/],
    ],
    ["the cloud is another one", {}, ["--cloud", "usgov"], ["az_wrong_tenant", 2, /AzureUSGovernment/]],
    ["nothing may be read", { denied: ["read"] }, [], ["setup_denied", 3, /Application Developer/]],
    ["no registration may be made", { denied: ["create"] }, ["--apply"], ["setup_denied", 3, /--print/]],
    [
      "no registration has the client id",
      {},
      ["--client-id", "10000000-0000-4000-8000-000000000009"],
      ["invalid_config", 2, /Check the id/],
    ],
    ["Graph slows down", { throttled: 99 }, [], ["rate_limited", 4, /again/]],
  ])("says what to do when %s", async (_, changes, args, [code, exit, hint]) => {
    const az = startAz(changes);
    const folder = createFolder();
    const { stderr, exitCode } = await readPlan(az, args, folder);
    const error = readError(stderr);
    expect([error.code, exitCode]).toEqual([code, exit]);
    expect(error.hint).toMatch(hint);
    expect(az.read().applications).toEqual([]);
    expect(await Bun.file(join(folder, ".env")).exists()).toBe(false);
  });

  test.each(["id", "appId"])("lets nothing but a GUID pass as the %s of a registration", async (member) => {
    const odd = "x\u001B]0;title\u0007\nENTRA_TENANT_ID=other";
    const az = startAz({ applications: [newApplication({ displayName: "mcp-server", [member]: odd })] });
    const { stdout, stderr, exitCode } = await setUp(az, ["--apply"]);
    expect([exitCode, stderr.includes(`as its ${member}.`), az.takeChanges()]).toEqual([4, true, []]);
    expect(stdout + stderr).not.toMatch(/title|other/);
  });

  test("says how to get the Azure CLI where it is missing", async () => {
    const env = { PATH: createFolder() };
    const { stderr, exitCode } = await runProgram("mcp-server", { args: ["setup", "entra", "--json"], env });
    expect([readError(stderr).code, exitCode]).toEqual(["az_missing", 2]);
    expect(readError(stderr).hint).toContain("install-azure-cli");
  });

  test("does the rest where consent is not allowed, and says who must do what and where", async () => {
    const az = startAz({ denied: ["consent"] });
    const folder = createFolder();
    const { document, stderr, exitCode } = await readPlan(az, ["--admin-consent", "--apply"], folder);
    const { code, hint } = readError(stderr);
    const client = named(az, "mcp-client");
    expect([code, exitCode, document.failed]).toEqual([
      "consent_denied",
      3,
      [expect.objectContaining({ id: "admin_consent", code: "consent_denied", hint })],
    ]);
    const url = `https://login.microsoftonline.com/${emptyDirectory.tenantId}/adminconsent?client_id=${client.appId}`;
    expect(hint).toContain(url);
    expect(hint).toContain("administrator");
    expect(readFileSync(join(folder, ".env"), "utf8")).toContain(client.appId);
    expect((await readPlan(az)).ids).toEqual([]);
  }, 60_000);

  test("does the rest where the public URL is on no domain of the tenant", async () => {
    const az = startAz();
    const args = ["--public-url", "https://mcp.elsewhere.example/mcp", "--apply", "--write-env", "-"];
    const { document, stderr, exitCode } = await readPlan(az, args);
    expect([readError(stderr).code, exitCode]).toEqual(["app_id_uri_refused", 2]);
    expect(readError(stderr).hint).toContain("verified domain");
    expect(document.settings).not.toContain("ENTRA_AUDIENCE");
    expect(document.settings).toContain("MCP_PUBLIC_URL=https://mcp.elsewhere.example/mcp");
  }, 60_000);

  test("says all that must be done where several things are refused", async () => {
    const az = startAz({ denied: ["consent"] });
    const args = ["--public-url", "https://mcp.elsewhere.example/mcp", "--admin-consent", "--apply"];
    const { stderr, exitCode } = await setUp(az, args);
    expect([
      exitCode,
      stderr.includes("verified domain"),
      stderr.includes("/adminconsent?client_id="),
    ]).toEqual([2, true, true]);
  }, 60_000);

  test("goes on after a moment where a new object is not known everywhere, or Graph slows down", async () => {
    const az = startAz({ lag: 1 });
    expect((await setUp(az, ["--apply", "--write-env", "-"])).exitCode).toBe(0);
    expect((await readPlan(az)).ids).toEqual([]);
  }, 60_000);

  test("keeps a file that is there, before anything is changed; --force replaces it", async () => {
    const az = startAz();
    const folder = createFolder();
    writeFileSync(join(folder, ".env"), "# mine\n");
    const refused = await setUp(az, ["--apply", "--json"], folder);
    expect([readError(refused.stderr).code, refused.exitCode, az.takeChanges()]).toEqual(["usage", 2, []]);
    expect(readFileSync(join(folder, ".env"), "utf8")).toBe("# mine\n");
    expect((await setUp(az, ["--apply", "--force"], folder)).exitCode).toBe(0);
    expect(readFileSync(join(folder, ".env"), "utf8")).toContain(emptyDirectory.tenantId);
  }, 60_000);

  test("follows no link in the place of the file, not even with --force", async () => {
    const az = startAz();
    const folder = createFolder();
    const target = join(createFolder(), "elsewhere");
    writeFileSync(target, "mine");
    symlinkSync(target, join(folder, ".env"));
    const { exitCode, stderr } = await setUp(az, ["--apply", "--force", "--json"], folder);
    expect([exitCode, readError(stderr).code, readFileSync(target, "utf8")]).toEqual([2, "usage", "mine"]);
    expect(az.takeChanges()).toEqual([]);
  });

  test("takes nothing from a ./.env that nobody named", async () => {
    const az = startAz();
    const folder = createFolder();
    const lines = [
      "MCP_PUBLIC_URL=https://evil.example/mcp",
      "ENTRA_API_CLIENT_ID=10000000-0000-4000-8000-000000000009",
    ];
    writeFileSync(join(folder, ".env"), lines.join("\n"));
    const { stderr, stdout, exitCode } = await setUp(az, [], folder);
    expect([exitCode, stdout.includes("evil")]).toEqual([0, false]);
    expect(stderr).toMatch(/Not used here: .*MCP_PUBLIC_URL/);
    const byName = await readPlan(az, ["--env-file", ".env"], folder);
    expect(readError(byName.stderr).message).toContain("10000000-0000-4000-8000-000000000009");
  });

  test.each([
    [["--public-url", "http://mcp.contoso.com/mcp"], /https alone/],
    [["--public-url", "https://mcp.contoso.com/$(id)/mcp"], /alone/],
    [["--name", "x' or 'a"], /letters/],
    [["--app-role", "a b"], /app role/],
    [["--pre-authorize", "vs-code"], /client ids/],
    [["--tenant-id", "contoso.com,fabrikam.com"], /one tenant/],
    [["--print", "--apply"], /exclude/],
  ])("refuses %p", async (args, says) => {
    const az = startAz();
    const { exitCode, stderr } = await setUp(az, args);
    expect([exitCode, az.read().log]).toEqual([2, []]);
    expect(stderr).toMatch(says);
  });
});
