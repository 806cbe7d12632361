import type { Cell } from "../terminal/screen.ts";

const cellWidth = 8.43;
const lineHeight = 19;
const padding = 16;
const bar = 34;

/** Classes of the style sheet below, by SGR code. */
const classes: Readonly<Record<number, string>> = {
  1: "bold",
  2: "faint",
  3: "italic",
  31: "bad",
  32: "good",
  36: "accent",
};

const styleSheet = `
  .window { fill: #f6f8fa; stroke: #d1d9e0 }
  .dot { fill: #d1d9e0 }
  text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #1f2328; white-space: pre }
  .bold { font-weight: 600 } .italic { font-style: italic }
  .faint { fill: #59636e } .good { fill: #1a7f37 } .bad { fill: #d1242f } .accent { fill: #0969da }
  @media (prefers-color-scheme: dark) {
    .window { fill: #0d1117; stroke: #3d444d }
    .dot { fill: #3d444d }
    text { fill: #f0f6fc }
    .faint { fill: #9198a1 } .good { fill: #3fb950 } .bad { fill: #f85149 } .accent { fill: #4493f8 }
  }`;

const escape = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

const classOf = ({ styles }: Cell) =>
  styles
    .map((code) => classes[code])
    .filter((name) => name !== undefined)
    .join(" ");

/** One line as runs of one style each; each run is as wide as its cells, whatever font the reader has. */
function renderLine(cells: readonly Cell[], row: number): string {
  const runs: { start: number; end: number; text: string; name: string }[] = [];
  cells.forEach((cell, column) => {
    const [run, name] = [runs.at(-1), classOf(cell)];
    if (run?.name === name) Object.assign(run, { text: run.text + cell.text, end: column + 1 });
    else runs.push({ start: column, end: column + 1, text: cell.text, name });
  });
  const y = bar + padding + row * lineHeight;
  return runs
    .filter(({ text }) => text.trim() !== "")
    .map(({ start, end, text, name }) => {
      const place = `x="${(padding + start * cellWidth).toFixed(1)}" y="${y}"`;
      const width = `textLength="${((end - start) * cellWidth).toFixed(1)}" lengthAdjust="spacingAndGlyphs"`;
      return `<text ${place} ${width}${name === "" ? "" : ` class="${name}"`}>${escape(text)}</text>`;
    })
    .join("");
}

/** Draws what a terminal shows, readable on light and dark pages. */
export function drawTerminal(lines: readonly (readonly Cell[])[], columns: number, title: string): string {
  const width = Math.ceil(columns * cellWidth + 2 * padding);
  const height = bar + padding + lines.length * lineHeight;
  const dots = [0, 1, 2].map((at) => `<circle class="dot" cx="${20 + at * 18}" cy="18" r="5.5"/>`).join("");
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>${escape(title)}</title>
<style>${styleSheet}
</style>
<rect class="window" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>
${dots}
${lines.map(renderLine).filter(Boolean).join("\n")}
</svg>
`;
}
