import { describe, expect, test } from "bun:test";
import { openRaw, type RawRequest, revisions, toolsList } from "./raw-request.ts";

/** What is refused before anybody looks at the token or the body: in both families alike. */
const refused: readonly [name: string, request: RawRequest, status: number, reason: string][] = [
  [
    "Origin alone, of a foreign page",
    { headers: { Origin: "https://evil.example" } },
    403,
    "forbidden_origin",
  ],
  [
    "Origin alone, without a token",
    { headers: { Origin: "https://evil.example", Authorization: undefined } },
    403,
    "forbidden_origin",
  ],
  ["Origin: null", { headers: { Origin: "null" } }, 403, "forbidden_origin"],
  ["Origin that is empty", { headers: { Origin: "" } }, 403, "forbidden_origin"],
  [
    "Origin twice, one of them good",
    { headers: { Origin: ["http://localhost", "https://evil.example"] } },
    403,
    "forbidden_origin",
  ],
  ["Host of somebody else", { headers: { Host: "evil.example" } }, 403, "forbidden_host"],
  [
    "Host of somebody else, without a token",
    { headers: { Host: "evil.example", Authorization: undefined } },
    403,
    "forbidden_host",
  ],
  [
    "Host twice, one of them good",
    { headers: { Host: ["localhost", "evil.example"] } },
    403,
    "forbidden_host",
  ],
  ["content type of text", { headers: { "Content-Type": "text/plain" } }, 415, "unsupported_media_type"],
  [
    "content type of a form",
    { headers: { "Content-Type": "application/x-www-form-urlencoded" } },
    415,
    "unsupported_media_type",
  ],
  ["content type missing", { headers: { "Content-Type": undefined } }, 415, "unsupported_media_type"],
  [
    "content type twice, one of them good",
    { headers: { "Content-Type": ["application/json", "text/plain"] } },
    415,
    "unsupported_media_type",
  ],
];

const accepted: readonly [name: string, request: RawRequest][] = [
  ["Origin of a page of this machine", { headers: { Origin: "http://localhost:5173" } }],
  ["Host with a port", { headers: { Host: "127.0.0.1:8000" } }],
  ["content type with a parameter", { headers: { "Content-Type": "Application/JSON; charset=utf-8" } }],
];

describe.each([...revisions])("at the door, %s", (revision) => {
  test.each([...refused])("%s is refused", async (_, request, status, reason) => {
    await using raw = await openRaw(revision);
    const answer = await raw.send(toolsList, request);
    expect([answer.status, answer.code, answer.reason]).toEqual([status, -32600, reason]);
  });

  // Bun refuses it, as HTTP/1.1 asks (RFC 9112 section 3.2); what HTTP/1.0 may leave out stands in host-header.test.ts.
  test("Host missing is refused", async () => {
    await using raw = await openRaw(revision);
    expect((await raw.send(toolsList, { headers: { Host: undefined } })).status).toBe(400);
  });

  test.each([...accepted])("%s is let in", async (_, request) => {
    await using raw = await openRaw(revision);
    const answer = await raw.send(toolsList, request);
    expect([answer.status, answer.code]).toEqual([200, undefined]);
    expect(answer.body).toContain('"random_number_tool"');
  });

  test("no answer lets a web page read it: there is no CORS header", async () => {
    await using raw = await openRaw(revision);
    for (const method of ["POST", "OPTIONS"]) {
      const answer = await raw.send(toolsList, { method, headers: { Origin: "http://localhost:5173" } });
      expect(Object.keys(answer.headers).filter((name) => name.startsWith("access-control-"))).toEqual([]);
    }
  });
});

describe("Accept", () => {
  const rows = [
    ["missing", undefined],
    ["JSON alone", "application/json"],
    ["events alone", "text/event-stream"],
    ["something else", "text/html"],
  ] as const;

  // MCP 2025-11-25 basic/transports: the client MUST list both, because the server may choose.
  test.each([...rows])("%s is refused in 2025-11-25", async (_, Accept) => {
    await using raw = await openRaw("2025-11-25");
    expect((await raw.send(toolsList, { headers: { Accept } })).status).toBe(406);
  });

  // 2026-07-28 binds the client and leaves the server free: what it answers is JSON unless progress was asked for.
  test.each([...rows])("%s is not held against a client in 2026-07-28", async (_, Accept) => {
    await using raw = await openRaw("2026-07-28");
    const answer = await raw.send(toolsList, { headers: { Accept } });
    expect([answer.status, answer.headers["content-type"]]).toEqual([200, "application/json"]);
  });
});
