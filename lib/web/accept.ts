/** One entry of an `Accept` header. */
interface MediaRange {
  /** `type/subtype`, lower case. */
  readonly name: string;
  /** 0 to 1. */
  readonly quality: number;
}

/** Browsers send a dozen ranges; a header full of commas would cost everybody else a millisecond. */
const maxRanges = 50;
const maxParameters = 10;

function toRange(entry: string): MediaRange {
  const [name = "", ...parameters] = entry.split(";", maxParameters).map((part) => part.trim().toLowerCase());
  const weight = parameters.find((parameter) => parameter.startsWith("q="));
  const quality = weight === undefined ? 1 : Number(weight.slice(2));
  return { name, quality: quality >= 0 && quality <= 1 ? quality : 0 };
}

/** The most specific range decides, whatever its place. */
function qualityOf(mediaType: string, ranges: readonly MediaRange[]): number {
  const names = [mediaType, `${mediaType.split("/", 1)[0]}/*`, "*/*"];
  return names.flatMap((name) => ranges.find((range) => range.name === name) ?? [])[0]?.quality ?? 0;
}

/**
 * Chooses what the client likes best of what there is; of what it likes equally, the first.
 *
 * @param accept the `Accept` header, whose first 50 ranges count; without one everything is liked
 * @returns undefined where it takes nothing of it
 * @see RFC 9110 section 12.5.1
 */
export function chooseMediaType<MediaType extends string>(
  accept: string | null,
  offered: readonly MediaType[],
): MediaType | undefined {
  if (accept === null || accept.trim() === "") return offered[0];
  const ranges = accept.split(",", maxRanges).map(toRange);
  const best = Math.max(...offered.map((mediaType) => qualityOf(mediaType, ranges)));
  return best > 0 ? offered.find((mediaType) => qualityOf(mediaType, ranges) === best) : undefined;
}
