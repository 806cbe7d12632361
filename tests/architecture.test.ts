import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

const root = resolve(import.meta.dir, "..");

/** What each room may import, besides itself (DESIGN 3). The longest matching path decides. */
const rooms: Readonly<Record<string, readonly string[]>> = {
  "cmd/mcp-server": [
    "lib/doctor",
    "lib/setup",
    "lib/terminal",
    "lib/web",
    "lib/web/contract.ts",
    "lib/transport/server",
    "lib/auth/server",
    "lib/tools",
    "lib/config",
    "lib/base",
    "lib/devtenant",
  ],
  "cmd/mcp-client": [
    "lib/doctor",
    "lib/transport/client",
    "lib/terminal",
    "lib/auth/client",
    "lib/config",
    "lib/base",
  ],
  "cmd/mcp-agent": [
    "lib/agent",
    "lib/transport/client",
    "lib/terminal",
    "lib/auth/client",
    "lib/config",
    "lib/base",
  ],
  "lib/web": ["lib/web/contract.ts", "lib/tools", "lib/auth/server", "lib/config", "lib/base"],
  // It runs in a browser and meets the server in the types of its answers alone.
  "lib/web/page": ["lib/web/contract.ts"],
  "lib/web/contract.ts": [],
  "lib/agent": ["lib/transport/client", "lib/config", "lib/base"],
  "lib/doctor": ["lib/transport/client", "lib/auth/client", "lib/auth/server", "lib/config", "lib/base"],
  "lib/setup": ["lib/config", "lib/base"],
  "lib/terminal": ["lib/base"],
  "lib/transport/server": ["lib/auth/server", "lib/tools", "lib/base"],
  "lib/transport/client": ["lib/auth/client", "lib/base"],
  "lib/auth/server": ["lib/config", "lib/base"],
  "lib/auth/client": ["lib/config", "lib/base"],
  "lib/tools": ["lib/base"],
  "lib/config": ["lib/base"],
  "lib/base": ["package.json"],
  "lib/devtenant": ["lib/base"],
};

/** Packages that only some rooms may import. */
const packageRooms: readonly (readonly [name: string, ...allowedIn: string[]])[] = [
  ["@modelcontextprotocol/sdk", "lib/transport/server/legacy"],
  ["@modelcontextprotocol/server", "lib/transport/server"],
  // Its OAuth code, too, which is one package with its transport.
  ["@modelcontextprotocol/client", "lib/transport/client", "lib/auth/client/oauth"],
  ["@azure/msal-node", "lib/auth/client"],
  ["@azure/msal-browser", "lib/web/page"],
  ["react", "lib/web/page"],
  ["react-dom", "lib/web/page"],
  ["ai", "lib/agent"],
  ["@ai-sdk/openai", "lib/agent"],
  ["citty", "lib/config"],
  ["consola", "lib/base"],
];

const maxFileLines = 400;
const maxFunctionLines = 60;

interface SourceFile {
  /** From the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly string[];
}

function stripComments(text: string): string {
  return text
    .replace(/\/\*[^]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ""))
    .replace(/^\s*\/\/.*$/gm, "");
}

/** Static, dynamic and type imports and re-exports; `import type` stays out of what a transpiler would report. */
function findImports(text: string): string[] {
  const code = stripComments(text);
  const statements = code.matchAll(/(?:\bfrom|\bimport|\bimport\s*\(|\brequire\s*\()\s*"([^"]+)"/g);
  return [...statements].map(([, specifier]) => specifier ?? "");
}

const sources: readonly SourceFile[] = [...new Bun.Glob("{cmd,lib}/**/*.{ts,tsx}").scanSync(root)].map(
  (path) => {
    const text = readFileSync(join(root, path), "utf8");
    return { path: path.replaceAll("\\", "/"), text, imports: findImports(text) };
  },
);

function roomOf(path: string): string | undefined {
  return Object.keys(rooms)
    .filter((room) => path === room || path.startsWith(`${room}/`))
    .toSorted((a, b) => b.length - a.length)[0];
}

function resolveImport(file: SourceFile, specifier: string): string {
  return relative(root, resolve(root, dirname(file.path), specifier)).replaceAll("\\", "/");
}

function findForbiddenImports(file: SourceFile): string[] {
  const room = roomOf(file.path);
  if (room === undefined) return [`${file.path} lies in no room`];
  return file.imports.flatMap((specifier) => {
    if (!specifier.startsWith(".")) return [];
    const target = resolveImport(file, specifier);
    const targetRoom = roomOf(target) ?? target;
    const isAllowed = targetRoom === room || rooms[room]?.includes(targetRoom);
    return isAllowed ? [] : [`${file.path} imports ${target}`];
  });
}

function packageOf(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

function isClosing(line: string, indent: string): boolean {
  return line.startsWith(`${indent}}`) && /^[);,]*$/.test(line.slice(indent.length + 1));
}

/** Functions of a formatted file: from the line that opens a body to the line at the same indent that closes it. */
function findLongFunctions({ path, text }: SourceFile): string[] {
  const lines = text.split("\n");
  return lines.flatMap((line, start) => {
    const opens =
      /^(\s*)(?:export )?(?:async )?(?:function\b|(?:get |set |async |\*)?[\w$]+\(.*\).*\{$|.*=> \{$)/.exec(
        line,
      );
    if (!opens || /^\s*(?:if|for|while|switch|catch|return describe)\b/.test(line)) return [];
    const close = lines.findIndex((other, index) => index > start && isClosing(other, opens[1] ?? ""));
    const length = close - start + 1;
    return length > maxFunctionLines ? [`${path}:${start + 1} has a function of ${length} lines`] : [];
  });
}

/** What is loaded together with a file: no types, no `import()`. */
function findStaticImports({ text }: SourceFile): readonly string[] {
  const statements = stripComments(text).matchAll(/^(?:import|export) (?!type\b)[^;]*?"([^"]+)";/gm);
  return [...statements].map(([, specifier]) => specifier ?? "");
}

/** All files that a program can reach, by default also through `import()`. */
function reach(entry: string, importsOf = ({ imports }: SourceFile) => imports): Set<string> {
  const seen = new Set<string>();
  const waiting = [entry];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const file = sources.find((source) => source.path === path);
    if (!file || seen.has(path)) continue;
    seen.add(path);
    const own = importsOf(file).filter((specifier) => specifier.startsWith("."));
    waiting.push(...own.map((specifier) => resolveImport(file, specifier)));
  }
  return seen;
}

describe("the architecture", () => {
  test("is read from all sources", () => {
    expect(sources.length).toBeGreaterThan(60);
    expect(
      findImports('import type { A } from "./a.ts";\nexport { b } from "./b.ts";\nawait import("./c.ts");'),
    ).toEqual(["./a.ts", "./b.ts", "./c.ts"]);
  });

  test("lets rooms import downwards only, types too", () => {
    expect(sources.flatMap(findForbiddenImports)).toEqual([]);
  });

  test("loads the dev tenant in mcp-server alone, and lazily", () => {
    const importers = sources.filter((file) =>
      file.imports.some((specifier) => resolveImport(file, specifier).startsWith("lib/devtenant/")),
    );
    const outside = importers.filter(({ path }) => !path.startsWith("lib/devtenant/"));
    expect(outside.map(({ path }) => path)).toEqual(["cmd/mcp-server/dev-tenant.ts"]);
    const values = outside[0]?.text.match(/^import (?!type).*devtenant/gm);
    expect(values).toBeNull();
    expect([...reach("cmd/mcp-client/main.ts")].filter((path) => path.startsWith("lib/devtenant/"))).toEqual(
      [],
    );
  });

  test("keeps the agent, and with it the AI SDK, out of mcp-client, and loads it lazily in mcp-agent", () => {
    const ofAgent = (path: string) => path.startsWith("lib/agent/");
    expect([...reach("cmd/mcp-client/main.ts")].filter(ofAgent)).toEqual([]);
    expect([...reach("cmd/mcp-agent/main.ts", findStaticImports)].filter(ofAgent)).toEqual([]);
  });

  test.each([...packageRooms])("imports %s in %s alone", (name, ...allowedIn) => {
    const isAllowed = (path: string) => allowedIn.some((room) => path.startsWith(`${room}/`));
    const elsewhere = sources.filter(
      ({ path, imports }) => imports.some((s) => packageOf(s) === name) && !isAllowed(path),
    );
    expect(elsewhere.map(({ path }) => path)).toEqual([]);
  });

  test("reads process.env in lib/config alone", () => {
    const reads =
      /\b(process|Bun|import\.meta)\s*(\?\.|\.|\[\s*["'`])\s*env\b|\benv\b[^;{}]*\}\s*(= (process|Bun)\b|from "node:process")/;
    for (const line of ['process["env"]', "process?.env", "const { env } = process", "Bun.env"]) {
      expect(line).toMatch(reads);
    }
    const readers = sources.filter(({ text }) => reads.test(stripComments(text)));
    expect(readers.map(({ path }) => path)).toEqual(["lib/config/environment.ts"]);
  });

  test("asks nobody without verifying certificates, whatever the environment says", () => {
    const callers = sources.filter(({ path, text }) => {
      const isOfPage = path.startsWith("lib/web/");
      return !isOfPage && /(?<![.#\w])fetch\(/.test(stripComments(text)) && !/^ {2}fetch\(/m.test(text);
    });
    const careless = callers.filter(({ text }) => !text.includes("rejectUnauthorized: true"));
    expect(callers.map(({ path }) => path)).toContain("lib/base/verified-fetch.ts");
    expect(careless.map(({ path }) => path)).toEqual([]);
  });

  test("keeps the SDK's OAuth code out of every start of mcp-client that does not ask for it", () => {
    const ofOAuth = (path: string) => path.startsWith("lib/auth/client/oauth/");
    const commands = [
      "run",
      "login",
      "logout",
      "whoami",
      "tools",
      "call",
      "resources",
      "templates",
      "read",
      "prompts",
      "prompt",
      "complete",
      "ping",
      "config",
      "completion",
      "complete-line",
      "exercise",
      "doctor",
      "bridge",
      "token",
      "headers",
    ];
    for (const command of commands) {
      expect([...reach(`cmd/mcp-client/${command}.ts`, findStaticImports)].filter(ofOAuth)).toEqual([]);
    }
  });

  test("lists tools without the SDK", () => {
    const entries = ["cmd/mcp-client/tools.ts", "lib/transport/client/list-tools.ts"];
    const reached = entries.flatMap((entry) => [...reach(entry, findStaticImports)]);
    const users = sources.filter(
      (file) =>
        reached.includes(file.path) &&
        findStaticImports(file).some((name) => packageOf(name) === "@modelcontextprotocol/client"),
    );
    expect(reached.length).toBeGreaterThan(20);
    expect(users.map(({ path }) => path)).toEqual([]);
  });

  test("keeps files and functions short", () => {
    const long = sources.filter(({ text }) => text.split("\n").length > maxFileLines).map(({ path }) => path);
    expect([...long, ...sources.flatMap(findLongFunctions)]).toEqual([]);
    const main = sources.filter(
      ({ path, text }) => path.endsWith("/main.ts") && text.split("\n").length > 80,
    );
    expect(main).toEqual([]);
  });

  test("has no default exports, no barrels, no any", () => {
    const offenders = sources.filter(({ text }) =>
      /^export default|^export \*|(: |<|as )any\b(?!thing)|@ts-(ignore|expect-error)/m.test(
        stripComments(text),
      ),
    );
    expect(offenders.map(({ path }) => path)).toEqual([]);
  });

  test("has no import cycles", () => {
    const cycles: string[] = [];
    const visit = (path: string, trail: readonly string[]) => {
      if (trail.includes(path))
        return void cycles.push([...trail.slice(trail.indexOf(path)), path].join(" > "));
      const file = sources.find((source) => source.path === path);
      for (const specifier of file?.imports ?? []) {
        if (specifier.startsWith(".") && trail.length < 30)
          visit(resolveImport(file as SourceFile, specifier), [...trail, path]);
      }
    };
    const entries = sources.map(({ path }) => path).filter((path) => path.endsWith("/main.ts"));
    for (const entry of [...entries, "lib/agent/conversation.ts", "lib/agent/open-model.ts"])
      visit(entry, []);
    expect([...new Set(cycles)]).toEqual([]);
  });
});
