import { estimatePatternCost } from "./pattern-cost.ts";

/*
 * Keeps a stranger's schema from taking for ever. Each part of a schema is charged for whenever a validator turns to
 * it; when the budget is spent, the validation ends with an error.
 */

/** Steps of a validation in all: some 100 ms. */
const budgetSteps = 20_000_000;
/** A look at a part of a schema, whatever it says. */
const lookSteps = 100;
const maxSchemaNodes = 20_000;
/** Comparing all items with one another may cost so many steps each time; else it is left to the server. */
const maxComparingSteps = 100_000;

/** The sizes in a value that decide how long a validation takes. */
interface Sizes {
  /** Characters, of names too. */
  longestText: number;
  widestList: number;
  widestObject: number;
  /** Values in it, itself included. */
  count: number;
}

function measure(value: unknown, sizes: Sizes): Sizes {
  sizes.count++;
  if (typeof value === "string") sizes.longestText = Math.max(sizes.longestText, value.length);
  if (typeof value !== "object" || value === null) return sizes;
  if (Array.isArray(value)) {
    sizes.widestList = Math.max(sizes.widestList, value.length);
    for (const item of value) measure(item, sizes);
    return sizes;
  }
  const entries = Object.entries(value);
  sizes.widestObject = Math.max(sizes.widestObject, entries.length);
  for (const [name, member] of entries) {
    measure(name, sizes);
    measure(member, sizes);
  }
  return sizes;
}

type Node = Readonly<Record<string, unknown>>;

function patternsOf({ patternProperties: byPattern }: Node): readonly string[] {
  return typeof byPattern === "object" && byPattern !== null ? Object.keys(byPattern) : [];
}

const listKeywords = ["items", "prefixItems", "contains", "additionalItems", "unevaluatedItems"];

function comparingStepsOf({ widestList, count }: Sizes): number {
  return widestList * count;
}

/** What one look at a part of the schema, of so many nodes, may cost. */
function chargeOf(node: Node, sizes: Sizes, nodes: number): number {
  const { longestText, widestList, widestObject } = sizes;
  const { pattern, format } = node;
  let steps = lookSteps + widestObject;
  if (typeof pattern === "string") steps += estimatePatternCost(pattern, longestText);
  for (const name of patternsOf(node)) steps += widestObject * estimatePatternCost(name, longestText);
  if (format !== undefined) steps += longestText ** 2;
  if (node["uniqueItems"] === true) steps += comparingStepsOf(sizes);
  if (node["enum"] !== undefined || node["const"] !== undefined) steps += nodes;
  if (listKeywords.some((keyword) => node[keyword] !== undefined)) steps += widestList;
  return steps;
}

/** Every validator reads it first thing of each part that it turns to, and hardly any schema has it. */
const watchedKeyword = "$recursiveAnchor";

/**
 * Lets a schema throw when validating the value with it takes too many steps.
 *
 * @param schema a copy that belongs to the caller: it is changed
 * @throws RangeError, at once or while it is used
 */
export function limitValidation(schema: unknown, value: unknown): void {
  const sizes = measure(value, { longestText: 0, widestList: 0, widestObject: 0, count: 0 });
  let left = budgetSteps;
  let nodes = 0;
  const watch = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    const before = nodes;
    if (++nodes > maxSchemaNodes) throw new RangeError("The schema is too large.");
    const members = Object.values(node);
    nodes += members.length;
    for (const member of members) watch(member);
    if (Array.isArray(node)) return;
    const part = node as Record<string, unknown>;
    if (comparingStepsOf(sizes) > maxComparingSteps) delete part["uniqueItems"];
    const charge = chargeOf(part, sizes, nodes - before);
    const original = part[watchedKeyword];
    Object.defineProperty(part, watchedKeyword, {
      enumerable: original !== undefined,
      get() {
        left -= charge;
        if (left < 0) throw new RangeError("The validation takes too long.");
        return original;
      },
    });
  };
  watch(schema);
}
