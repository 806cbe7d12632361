import { neutralise, neutraliseLine } from "../base/text.ts";
import { isRecord, type JsonSchema, listMembers, type SchemaMember } from "./describe-schema.ts";
import { wrapText } from "./fit.ts";
import { createStyle, type Style } from "./style.ts";

/** A tool as it is shown: other people's text, made safe here. */
export interface ShownTool {
  readonly name: string;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly inputSchema: JsonSchema;
  readonly outputSchema?: JsonSchema | undefined;
  readonly annotations?: JsonSchema | undefined;
}

/** What text is laid out for. */
export interface Layout {
  readonly columns: number;
  readonly color: boolean;
}

/** Names a tool with its arguments, e.g. `reverse_tool(query: string)`. */
export function describeSignature({ name, inputSchema }: ShownTool): string {
  const parameters = listMembers(inputSchema).map(
    (member) => `${member.name}${member.isRequired ? "" : "?"}: ${member.type}`,
  );
  return `${neutraliseLine(name)}(${parameters.join(", ")})`;
}

function indent(text: string, columns: number, depth: number): string[] {
  const rows = wrapText(neutralise(text).trim(), columns - depth);
  return rows.map((row) => (row === "" ? "" : " ".repeat(depth) + row));
}

/** Continuation rows of a signature stand four columns in. */
function wrapSignature(tool: ShownTool, columns: number, style: Style): string[] {
  const [first = "", ...rest] = wrapText(describeSignature(tool), columns - 4);
  const name = neutraliseLine(tool.name);
  const head = first.startsWith(name) ? style.accent(name) + first.slice(name.length) : first;
  return [head, ...rest.map((row) => `    ${row}`)];
}

/** Lists tools with their descriptions. Ends with a line feed. */
export function renderToolList(tools: readonly ShownTool[], { columns, color }: Layout): string {
  const style = createStyle(color);
  if (tools.length === 0) return "The server has no tools.\n";
  const blocks = tools.map((tool) => {
    const description = tool.description ?? tool.title ?? "";
    const below = description.trim() === "" ? [] : indent(description, columns, 2);
    return [...wrapSignature(tool, columns, style), ...below].join("\n");
  });
  return `${blocks.join("\n\n")}\n`;
}

function renderMember(member: SchemaMember, layout: Layout, style: Style): string[] {
  const facts = [member.type, member.isRequired ? "required" : "optional"];
  if (member.defaultText !== undefined) facts.push(`default ${member.defaultText}`);
  const { columns } = layout;
  const [first = "", ...rest] = wrapText(`${member.name}: ${facts.join(", ")}`, columns - 4);
  const head = first.startsWith(member.name)
    ? style.accent(member.name) + first.slice(member.name.length)
    : first;
  const choices = member.choices.length === 0 ? "" : `One of ${member.choices.join(", ")}.`;
  const below = [member.description, choices].filter((text) => text.trim() !== "");
  return [
    `  ${head}`,
    ...rest.map((row) => `    ${row}`),
    ...below.flatMap((text) => indent(text, columns, 4)),
  ];
}

function renderMembers(title: string, schema: unknown, layout: Layout): string[] {
  const style = createStyle(layout.color);
  const members = listMembers(schema);
  const rows = members.flatMap((member) => renderMember(member, layout, style));
  return ["", title, ...(rows.length === 0 ? ["  none"] : rows)];
}

const claims: readonly (readonly [hint: string, whenTrue: string, whenFalse: string])[] = [
  ["readOnlyHint", "only reads", "may change things"],
  ["destructiveHint", "may destroy or overwrite", "only adds"],
  ["idempotentHint", "does no more when it is called again", "does more each time it is called"],
  ["openWorldHint", "reaches beyond the server", "stays within the server"],
];

/** Of a tool that only reads, these say nothing (MCP, ToolAnnotations). */
const claimsOfWriters = ["destructiveHint", "idempotentHint"];

/** What a server claims about a tool, as a sentence; nothing where it claims nothing. */
export function describeClaims(annotations: JsonSchema | undefined): string {
  if (!isRecord(annotations)) return "";
  const onlyReads = annotations["readOnlyHint"] === true;
  const words = claims.flatMap(([hint, whenTrue, whenFalse]) => {
    const value = onlyReads && claimsOfWriters.includes(hint) ? undefined : annotations[hint];
    return typeof value === "boolean" ? [value ? whenTrue : whenFalse] : [];
  });
  const listed = new Intl.ListFormat("en").format(words);
  return words.length === 0 ? "" : `The server says that it ${listed}.`;
}

/** Shows one tool in detail: arguments, result, and what the server claims about it. Ends with a line feed. */
export function renderTool(tool: ShownTool, layout: Layout): string {
  const { columns, color } = layout;
  const rows = wrapSignature(tool, columns, createStyle(color));
  if (tool.title !== undefined) rows.push(...indent(tool.title, columns, 2));
  if (tool.description !== undefined) rows.push(...indent(tool.description, columns, 2));
  rows.push(...renderMembers("ARGUMENTS", tool.inputSchema, layout));
  if (tool.outputSchema) rows.push(...renderMembers("RESULT", tool.outputSchema, layout));
  const claimed = describeClaims(tool.annotations);
  if (claimed !== "") rows.push("", ...indent(claimed, columns, 0));
  return `${rows.join("\n")}\n`;
}
