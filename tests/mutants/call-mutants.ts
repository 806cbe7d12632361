import type { MutantGroup } from "./mutant.ts";

const calls = [
  "transport-server/direct-calls.test.ts",
  "transport-server/limits.test.ts",
  "transport-server/direct-path.test.ts",
];

/** One call on the direct path: how it is counted, cancelled and answered. */
export const callMutants: readonly MutantGroup[] = [
  {
    file: "lib/transport/server/direct/modern-call.ts",
    tests: calls,
    mutations: [
      ["it is not counted", "takeCall(options.calls, admitted.caller)", "(void takeCall, () => {})"],
      ["a stop does not wait for it", "options.inFlight.begin()", "() => {}"],
      [
        "progress for those who did not ask",
        "call.progressToken === undefined ? undefined : (update)",
        "(update)",
      ],
      ["it is never cancelled", "return this.#isLost;", "return false;"],
      ["quiet connections are closed", "    this.#admitted.limitIdle(0);\n", ""],
      ["connections stay open for ever", "      this.#admitted.limitIdle(idleTimeoutSeconds);\n", ""],
      ["what fails later is thrown", ".catch((thrown: unknown) => this.#toError(thrown))", ""],
      [
        "what fails at once is thrown",
        "    } catch (thrown) {\n      return this.#toError(thrown);",
        "    } catch (thrown) {\n      throw thrown;",
      ],
      ["each progress opens a stream", "    if (this.#stream) return this.#stream;\n", ""],
      ["a lost reader cancels nothing", "onLost: () => this.#lose()", "onLost: () => {}"],
      ["the stream waits for the answer", "    this.#opened.resolve(this.#stream.response);\n", ""],
      [
        "its end gives nothing back",
        "    this.#release();\n    if (!this.#stream)",
        "    if (!this.#stream)",
      ],
      ["the stream has no answer", "    this.#stream.send(answer);\n", ""],
      ["the stream has no end", "    this.#stream.end();\n", ""],
      ["a caller that had gone is not noticed", "    if (signal.aborted) this.#lose();\n", ""],
      [
        "a caller that goes is not noticed",
        '    signal.addEventListener("abort", () => this.#lose(), { once: true });\n',
        "",
      ],
      ["a lost call goes on", "    this.#isLost = true;\n", ""],
      ["the tool is not told of the loss", "    this.#cancelling?.abort();\n", ""],
      [
        "a lost call counts until it ends",
        "    this.#cancelling?.abort();\n    this.#release();\n",
        "    this.#cancelling?.abort();\n",
      ],
      ["its place is never given back", "    this.#giveBack();\n", ""],
      ["a stop waits for ever", "    this.#endCall();\n", ""],
    ],
  },
  {
    file: "lib/transport/server/direct/session-call.ts",
    tests: [...calls, "transport-server/session-limits.test.ts", "transport-server/call-streams.test.ts"],
    mutations: [
      ["it is not counted", "takeCall(options.calls, admitted.caller)", "(void takeCall, () => {})"],
      ["its session may become idle", "options.sessions.hold(session)", "() => {}"],
      ["a stop does not wait for it", "options.inFlight.begin()", "() => {}"],
      ["its id is not in use", "    session.running.begin(call.id, this);\n", ""],
      [
        "progress for those who did not ask",
        "call.progressToken === undefined ? undefined : (update)",
        "(update)",
      ],
      [
        "a signal that comes late has not fired",
        "      if (this.#isCancelled) this.#cancelling.abort();\n",
        "",
      ],
      [
        "it is never cancelled",
        "  isCancelled(): boolean {\n    return this.#isCancelled;",
        "  isCancelled(): boolean {\n    return false;",
      ],
      ["it is cancelled and goes on", "    this.#isCancelled = true;\n", ""],
      ["the tool is not told", "    this.#cancelling?.abort();\n", ""],
      ["its stream stays open", "    this.#stream?.drop();\n", ""],
      ["its stream can be asked for", "this.#stream?.drop()", "this.#stream?.end()"],
      ["its place is never given back", "    this.#giveBack();\n", ""],
      ["its session is held for ever", "    this.#letGo();\n", ""],
      [
        "quiet connections are closed before the stream",
        "    this.#wait();\n    const { promise",
        "    const { promise",
      ],
      ["quiet streams are closed", "    this.#wait();\n    const { response }", "    const { response }"],
      [
        "long calls stay JSON",
        "const timer = setTimeout(() => resolve(this.#openStream().response), streamAfterMs)",
        "const timer = undefined",
      ],
      ["the stream opens for an answer that has left", "      clearTimeout(timer);\n", ""],
      [
        "an answer that comes late does not go to the stream",
        "if (this.#stream) this.#sendAnswer(later);\n      else resolve",
        "resolve",
      ],
      ["what fails later is thrown", ".catch((thrown: unknown) => this.#toError(thrown))", ""],
      [
        "what fails at once is thrown",
        "    } catch (thrown) {\n      return this.#toError(thrown);",
        "    } catch (thrown) {\n      throw thrown;",
      ],
      [
        "progress goes nowhere",
        "    this.#stream?.send(JSON.stringify({ method",
        "    void (JSON.stringify({ method",
      ],
      [
        "nobody hears of the stream's end",
        "const onEnd = () => this.#endRequest()",
        "const onEnd = () => {}",
      ],
      [
        "readers may leave anything unread",
        "const { maxUnreadBytes } = this.#options",
        "const maxUnreadBytes = 1e9",
      ],
      ["a stop waits for ever", "    this.#endCall();\n", ""],
      [
        "connections stay open for ever",
        "    if (this.#isWaiting) this.#of.admitted.limitIdle(idleTimeoutSeconds);\n",
        "",
      ],
      ["connections that did not wait are limited", "    if (this.#isWaiting) this.#of", "    this.#of"],
      ["connections are limited twice", "    this.#isWaiting = false;\n", ""],
      [
        "an id stays in use after JSON",
        "    session.running.end(call.id);\n    return new Response(JSON",
        "    return new Response(JSON",
      ],
      [
        "JSON ends nothing",
        "    this.#endRequest();\n    if (this.#isCancelled)",
        "    if (this.#isCancelled)",
      ],
      [
        "what was cancelled has an answer",
        '    if (this.#isCancelled) return new Response(":\\n\\n", endedStream);\n',
        "",
      ],
      ["what was cancelled has an answer on its stream", "    if (this.#isCancelled) return;\n", ""],
      ["the stream has no answer", "    this.#stream?.send(JSON.stringify(answer));\n", ""],
      ["the stream has no end", "    this.#stream?.end();\n", ""],
      [
        "an id stays in use after a stream",
        "    const { session, call } = this.#of;\n    session.running.end(call.id);\n  }",
        "  }",
      ],
      ["JSON for those who asked for progress", "call.onProgress ? call.answerOnStream() : call", "call"],
    ],
  },
];
