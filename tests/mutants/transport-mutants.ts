import type { MutantGroup } from "./mutant.ts";

/** How a request's body is read, and the streams of calls that are taken up again. */
export const transportMutants: readonly MutantGroup[] = [
  {
    file: "lib/transport/server/legacy/call-streams.ts",
    tests: ["transport-server/call-streams.test.ts", "transport-server/session-limits.test.ts"],
    mutations: [
      ["all revisions are primed", 'if (revision >= "2025-11-25") reader', "reader"],
      ["no revision is primed", 'revision >= "2025-11-25"', 'revision > "2025-11-25"'],
      ["the priming id is unknown afterwards", "events.add(streamId, priming)", '"x"'],
      ["no word on when to come back", "priming), reconnectAfterMs)", "priming), 0)"],
      ["messages have no ids", "?.send(message, id);", "?.send(message);"],
      ["messages are not kept", "const id = events.add(streamId, message);", 'const id = "x";'],
      [
        "messages go to the first reader alone",
        "readers.get(streamId)?.send(message, id);",
        "reader.send(message, id);",
      ],
      ["streams of the SDK are taken up", "!readers.has(streamId) || ", ""],
      ["requests of any form are answered", " || !isWellFormed(headers)", ""],
      ["any revision may be named", "named === null || knownRevisions.includes(named)", "true"],
      ["a revision must be named", "named === null || ", ""],
      [
        "any Accept will do",
        'return isKnown && headers.get("accept")?.includes("text/event-stream") === true',
        "return isKnown",
      ],
      ["a stream has two readers", "      if (readers.get(streamId)) return conflict();\n", ""],
      ["a conflict of another status", "{ status: 409 }", "{ status: 400 }"],
      [
        "what came before the event comes again",
        "events.after(lastEventId)",
        'events.after(lastEventId.replace(/\\d+$/, "1"))',
      ],
      [
        "what was missed does not come",
        "for (const { id, json } of events.after(lastEventId)) reader.send(json, id);",
        "",
      ],
      ["what was missed has no ids", "reader.send(json, id)", "reader.send(json)"],
      [
        "the rest has no session",
        "attach(streamId, { sessionId, max",
        'attach(streamId, { sessionId: "", max',
      ],
      ["the rest is cut off", "Number.POSITIVE_INFINITY", "1"],
      ["a dropped stream can be asked for", "          events.forget(streamId);\n", ""],
      [
        "a dropped stream does not end",
        "events.forget(streamId);\n          end();",
        "events.forget(streamId);",
      ],
      [
        "a reader that has gone keeps its place",
        "      if (readers.get(streamId) === reader) readers.set(streamId, undefined);\n",
        "",
      ],
      ["a stream that has ended comes back", "if (readers.get(streamId) === reader) readers", "readers"],
      ["nobody hears that the reader has gone", "      onEnd();\n    };", "    };"],
      ["nobody hears of the end", "        options.onEnd();\n", ""],
      ["its end does not reach the reader", "        readers.get(streamId)?.end();\n", ""],
      ["a stream that has ended is taken up", "        readers.delete(streamId);\n", ""],
      ["the second reader gets nothing more", "    readers.set(streamId, reader);\n", ""],
    ],
  },
  {
    file: "lib/transport/server/legacy/running-requests.ts",
    tests: ["transport-server/running-requests.test.ts"],
    mutations: [
      ["an id stays in use", "    running.delete(id);\n", ""],
      ["what a request held stays held", "    request?.release();\n", ""],
      ["the session's end cancels nothing", "        request.cancel?.();\n", ""],
      ["the session's end frees nothing", "        end(id);\n", ""],
    ],
  },
  {
    file: "lib/transport/server/read-body.ts",
    tests: ["transport-server/read-body.test.ts"],
    mutations: [
      ["small ones of any type", "    checkForm(request.headers);\n    let isLate", "    let isLate"],
      ["small ones that came too late are handed on", "      if (isLate) return;\n", ""],
      ["small ones are never too late", "      reject(tooSlow(limits.deadlineMs));\n    });", "    });"],
      ["lateness is not noted", "      isLate = true;\n", ""],
      [
        "small ones that are larger than they said",
        "        if (bytes.length > limits.maxBytes) throw tooLarge(limits.maxBytes);\n",
        "",
      ],
      [
        "small ones must be smaller",
        "bytes.length > limits.maxBytes) throw",
        "bytes.length >= limits.maxBytes) throw",
      ],
      ["the structure is not looked at", "  checkStructure(bytes, limits);\n", ""],
      [
        "small ones leave their deadline behind",
        "      end();\n      if (isLate) return;",
        "      if (isLate) return;",
      ],
      [
        "broken ones leave their deadline behind",
        "      end();\n      reject(brokenOff",
        "      reject(brokenOff",
      ],
      ["broken ones are never answered", "      reject(brokenOff(cause));\n", ""],
      ["what use throws is lost", "        reject(thrown);\n", ""],
      [
        "lengths are not believed",
        '  if (Number(headers.get("content-length") ?? 0) > limits.maxBytes) throw tooLarge(limits.maxBytes);\n',
        "",
      ],
      ["the timer of a large one stays", "    clearTimeout(timer);\n", ""],
    ],
  },
  {
    file: "lib/transport/server/body-reader.ts",
    tests: [
      "transport-server/body-reader.test.ts",
      "transport-server/read-body.test.ts",
      "transport-server/raw-body.test.ts",
    ],
    mutations: [
      [
        "large ones are not counted",
        "const giveBack = takeCall(largeBodies, caller);",
        "const giveBack = () => {}; void takeCall; void largeBodies; void caller;",
      ],
      ["large ones are counted for ever", "      giveBack();\n", ""],
      ["small ones are counted", "length <= maxSmall ? read", "length < 0 ? read"],
      ["those without a length are small", "?? Number.NaN", "?? 0"],
      ["those of any length are small", "length <= maxSmall ? read", "length <= limits.maxBytes ? read"],
      ["what is beyond the limit is small", "Math.min(smallBytes, limits.maxBytes)", "smallBytes"],
      ["all callers are counted together", "takeCall(largeBodies, caller)", 'takeCall(largeBodies, "all")'],
    ],
  },
];
