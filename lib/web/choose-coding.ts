import { codings, type Coding, type PageFile } from "./page-files.ts";

/** The weight of each coding that a client named, from 0 to 1. */
function readWeights(header: string): ReadonlyMap<string, number> {
  const entries = header.split(",").map((element): [string, number] => {
    const [name = "", ...parameters] = element.split(";").map((part) => part.trim().toLowerCase());
    const weight = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
    const value = weight === undefined ? 1 : Number(weight);
    return [name === "x-gzip" ? "gzip" : name, Number.isFinite(value) ? value : 0];
  });
  return new Map(entries);
}

/**
 * Chooses the coding that the client likes best; among equals the smallest.
 *
 * @param header `Accept-Encoding`; without one only the plain form is sure to be understood
 * @see RFC 9110 section 12.5.3
 */
export function chooseCoding(file: PageFile, header: string | null): Coding {
  const weights = readWeights(header ?? "");
  const weightOf = (coding: Coding) =>
    weights.get(coding) ?? weights.get("*") ?? (coding === "identity" ? 0.0001 : 0);
  const acceptable = codings.filter((coding) => file.codings[coding] !== undefined && weightOf(coding) > 0);
  const [best = "identity"] = acceptable.toSorted((a, b) => weightOf(b) - weightOf(a));
  return best;
}
