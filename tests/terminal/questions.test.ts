import { describe, expect, test } from "bun:test";
import { Dialog } from "../../lib/terminal/dialog.ts";
import { fillForm } from "../../lib/terminal/fill-form.ts";
import { type FormField, listFields, readField } from "../../lib/terminal/form-field.ts";
import { createLiveTerminal } from "../../lib/terminal/live-terminal.ts";
import { offerVisit } from "../../lib/terminal/offer-visit.ts";
import { previewArguments, renderArguments } from "../../lib/terminal/render-arguments.ts";
import { createStyle } from "../../lib/terminal/style.ts";
import { openSlowTerminal, openTerminal, paste, settle } from "./editor/typing.ts";

const schema = {
  type: "object",
  properties: {
    name: { type: "string", title: "Your name", minLength: 2, maxLength: 5 },
    mail: { type: "string", format: "email" },
    age: { type: "integer", minimum: 18, maximum: 99, default: 30 },
    ratio: { type: "number" },
    agree: { type: "boolean" },
    color: { type: "string", enum: ["r", "g"], enumNames: ["Red", "Green"] },
    size: {
      type: "string",
      oneOf: [
        { const: "s", title: "Small" },
        { const: "l", title: "Large" },
      ],
    },
    tags: { type: "array", items: { type: "string", enum: ["x", "y", "z"] }, minItems: 1, maxItems: 2 },
  },
  required: ["name"],
};

describe("a field reads what is typed", () => {
  const fields = new Map(listFields(schema).map((field) => [field.name, field]));
  const read = (name: string, text: string) => readField(text, fields.get(name) as FormField);

  test.each([
    ["name", "Ada", "Ada"],
    ["mail", "ada@example.com", "ada@example.com"],
    ["age", "42", 42],
    ["age", "", 30],
    ["ratio", "-1.5", -1.5],
    ["agree", "Y", true],
    ["agree", "false", false],
    ["color", "green", "g"],
    ["color", "1", "r"],
    ["color", "g", "g"],
    ["size", "Large", "l"],
    ["tags", "x, 3, x", ["x", "z"]],
  ])("%s: %p", (name, text, value) => {
    expect(read(name, text)).toEqual({ kind: "value", value: value as never });
  });

  test.each([
    ["name", "", "required"],
    ["name", "A", "At least 2"],
    ["name", "Adalbert", "At most 5"],
    ["mail", "ada", "e-mail"],
    ["age", "17", "18 or more"],
    ["age", "100", "99 or less"],
    ["age", "1.5", "whole"],
    ["age", "x", "number"],
    ["ratio", "Infinity", "number"],
    ["agree", "maybe", "yes or no"],
    ["color", "blue", "list"],
    ["color", "3", "list"],
    ["tags", "x,y,z", "At most 2"],
    ["tags", ",", "At least 1"],
    ["tags", "w", "list"],
  ])("%s: refuses %p", (name, text, word) => {
    const reading = read(name, text);
    expect(reading.kind === "fault" && reading.fault).toContain(word);
  });

  test("an optional field may stay empty", () => {
    expect(read("mail", " ")).toEqual({ kind: "nothing" });
  });
});

function openDialog(open = openTerminal) {
  const opened = open(60, 30);
  let interrupts = 0;
  const dialog = new Dialog(createLiveTerminal(opened.terminal), () => (interrupts += 1));
  const options = { dialog, style: createStyle(false), columns: 59 };
  /** Types one line after the other, each once its question stands there. */
  const answer = async (...lines: readonly string[]) => {
    for (const line of lines) {
      await settle();
      opened.type(line.startsWith("\u0003") || line === "\u0004" || line === "\u001B" ? line : `${line}\r`);
      await settle();
    }
  };
  return { ...opened, dialog, options, answer, interrupts: () => interrupts };
}

const small = {
  type: "object",
  properties: { name: { type: "string", title: "Na\u001B[2Jme" }, age: { type: "integer", default: 3 } },
  required: ["name"],
};
const faked = "Who?\n  https://good.example/\n  Its host is good.example.";

const form = { server: "forms\u001B[2J", message: "Who are\u009B2J you?", requestedSchema: small };

describe("a form", () => {
  test("is filled in field by field, shown, and sent", async () => {
    const { options, answer, shown } = openDialog();
    const filled = fillForm(form, options);
    await answer("", "Ada", "x", "4", "y");
    expect(await filled).toEqual({ action: "accept", content: { name: "Ada", age: 4 } });
    const text = shown.text.join("\n");
    expect(text).toContain("forms asks: Who are you?");
    expect(text).toContain("Name (required)");
    expect(text).toContain("It is required.");
    expect(text).toContain("It must be a number.");
    expect(text).toContain('"name": "Ada"');
    expect(shown.violations).toEqual([]);
  });

  test("can be edited before it is sent, with what was typed", async () => {
    const { options, answer } = openDialog();
    const filled = fillForm(form, options);
    await answer("Ad", "", "e", "a", "", "yes");
    expect(await filled).toEqual({ action: "accept", content: { name: "Ada", age: 3 } });
  });

  test.each([
    ["Ctrl-D declines", ["\u0004"], { action: "decline" }, 0],
    ["no at the end declines", ["Ada", "", "n"], { action: "decline" }, 0],
    ["Ctrl-C cancels and interrupts", ["\u0003"], { action: "cancel" }, 1],
  ])("%s", async (_, lines, expected, interrupts) => {
    const dialog = openDialog();
    const filled = fillForm(form, dialog.options);
    await dialog.answer(...lines);
    expect(await filled).toEqual(expected as never);
    expect(dialog.interrupts()).toBe(interrupts);
  });

  test("is over when its request is", async () => {
    const { options } = openDialog();
    const stop = new AbortController();
    const filled = fillForm(form, { ...options, signal: stop.signal });
    await settle();
    stop.abort();
    expect(await filled).toEqual({ action: "decline" });
  });

  test("cannot say more than a screenful, nor speak in our name", async () => {
    const { options, answer, shown } = openDialog();
    const message = `${faked}\n${"more\n".repeat(1000)}`;
    const filled = fillForm({ ...form, server: "s".repeat(500), message }, options);
    await answer("\u0004");
    await filled;
    expect(shown.text.length).toBeLessThan(25);
    expect(shown.wraps).toBe(0);
    for (const row of shown.text.filter((one) => one.includes("good.example")))
      expect(row).toStartWith("  | ");
  });

  test.each(["constructor", "__proto__", "toString"])("takes text of the unknown format %p", (format) => {
    const fields = listFields({ type: "object", properties: { a: { type: "string", format } } });
    expect(readField("x", fields[0] as FormField)).toEqual({ kind: "value", value: "x" });
  });

  test("is sent only when yes is typed, not pasted", async () => {
    const { options, answer, type } = openDialog();
    const filled = fillForm(form, options);
    await answer(paste("Ada"), "4");
    type(`${paste("y")}\r`);
    await answer("\u0003");
    expect(await filled).toEqual({ action: "cancel" });
  });

  test("waits until another question is answered", async () => {
    const { options, answer, shown } = openDialog();
    const first = fillForm({ ...form, server: "first" }, options);
    const second = fillForm({ ...form, server: "second" }, options);
    await settle();
    expect(shown.text.join()).not.toContain("second");
    await answer("\u0004", "\u0004");
    expect(await Promise.all([first, second])).toEqual([{ action: "decline" }, { action: "decline" }]);
    expect(shown.text.join()).toContain("second");
  });
});

test("what was typed before the terminal was taken answers no question", async () => {
  const { dialog, close, type } = openDialog(openSlowTerminal);
  close();
  const asked = Promise.withResolvers<void>();
  const answered = dialog.hold((ask) => {
    const answer = ask({ prompt: "? " });
    asked.resolve();
    return answer;
  }, {});
  await settle();
  type("always\r");
  await asked.promise;
  type("n\r");
  expect(await answered).toEqual({ type: "line", text: "n" });
});

describe("an address to open", () => {
  const visit = { server: "s", message: "Sign there", url: "https://pay.example/a?b=c#d" };

  test.each([
    ["y", "accept"],
    ["n", "decline"],
    ["\u0004", "decline"],
    ["\u0003", "cancel"],
  ])("is shown in full with its host, and %p answers %s", async (typed, action) => {
    const { options, answer, shown } = openDialog();
    const answered = offerVisit(visit, options);
    await answer(typed);
    expect((await answered).action).toBe(action as never);
    expect(shown.text.join("\n")).toContain("  https://pay.example/a?b=c#d\n  Its host is pay.example.");
  });

  test("is not what the message says that it is", async () => {
    const { options, answer, shown } = openDialog();
    const answered = offerVisit({ ...visit, message: faked, url: "http://h/" }, options);
    await answer("n");
    await answered;
    for (const row of shown.text.filter((one) => one.includes("good.example")))
      expect(row).toStartWith("  | ");
    expect(shown.text).toContain("  Its host is h. Open it yourself, if you trust it.");
  });

  test.each([
    ["with a user name", "https://good.example@evil.example/"],
    ["of another kind", "file:///etc/passwd"],
    ["that is a script", "javascript:alert(1)"],
    ["that is none", "nope"],
    ["that is too long to be read", `https://a.example/${"x".repeat(3000)}`],
  ])("%s is declined without a question", async (_, url) => {
    const { options, shown } = openDialog();
    expect((await offerVisit({ ...visit, url }, options)).action).toBe("decline");
    expect(shown.text).toEqual([]);
  });

  test("in other letters than it seems, or without encryption, comes with a warning", async () => {
    const { options, answer, shown } = openDialog();
    const answered = offerVisit({ ...visit, url: "http://аpple.example/" }, options);
    await answer("n");
    await answered;
    expect(shown.text.join("\n")).toMatch(/xn--[^]*other letters[^]*not encrypted/);
  });
});

describe("arguments", () => {
  test("are shown in full, and nothing in them is hidden or obeyed", () => {
    const rows = renderArguments({ a: "x\u001B[2J\u200B\u202Ey\u{E0041}\uD800", b: ["l".repeat(100)] }, 40);
    const text = rows.join("\n");
    expect(text).toMatch(/^[\x20-\x7E\n]*$/);
    const whole = text.replace(/\s+(?:> )?/g, "");
    expect(whole).toContain("\\u001b[2J\\u200b\\u202ey\\udb40\\udc41\\ud800");
    expect(whole).toContain("l".repeat(100));
    for (const row of rows) expect(row.length).toBeLessThanOrEqual(40);
  });

  test.each(["\u2800", "\u3164", "\u00A0", "\u3000", "\u034F", "\uFE0F", "\u115F"])(
    "show the blank %j",
    (blank) => {
      expect(renderArguments({ [`a${blank}`]: blank }, 80).join()).toMatch(/^[\x20-\x7E]*$/);
    },
  );

  test("that go on in the next row cannot pass for another member there", () => {
    const rows = renderArguments({ a: `${"x".repeat(28)}  “force”: false, ` }, 40);
    expect(rows.filter((row) => row.includes("force"))).toEqual(['    >   “force”: false, "']);
  });

  test("that are long are cut, and it says how much there is", () => {
    const many = Array.from({ length: 50 }, (_, at) => at);
    expect(previewArguments(many, 40)).toEqual({
      rows: renderArguments(many, 40).slice(0, 14),
      total: JSON.stringify(many, undefined, 2).length,
    });
    expect(previewArguments(many.slice(0, 18), 40).total).toBeUndefined();
    expect(previewArguments({ a: "x".repeat(5_000_000) }, 40)).toMatchObject({ total: 5_000_013 });
  });
});

test("what was typed before a question stood there does not answer it, also where the terminal gives it on late", async () => {
  const { terminal, type, shown } = openSlowTerminal(60, 30);
  const dialog = new Dialog(createLiveTerminal(terminal), () => {});
  const question = { prompt: "Run it? ", isDecision: true };
  const answer = dialog.hold((ask) => ask(question), {});
  await settle();
  type("yes\r");
  while (!shown.text.join().includes("Run it?")) await Bun.sleep(1);
  type("no\r");
  expect(await answer).toEqual({ type: "line", text: "no" });
});
