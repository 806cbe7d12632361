import type { Row } from "./measure.ts";

interface Bar {
  readonly label: string;
  readonly rate: number;
  readonly colour: string;
}

const barHeight = 26;
const left = 250;
const width = 760;

function drawBar({ label, rate, colour }: Bar, index: number, most: number): string {
  const y = 46 + index * (barHeight + 8);
  const length = Math.max(2, (rate / most) * (width - left - 110));
  const middle = y + barHeight / 2 + 5;
  return [
    `<text x="${left - 10}" y="${middle}" text-anchor="end">${label}</text>`,
    `<rect x="${left}" y="${y}" width="${length.toFixed(1)}" height="${barHeight}" rx="3" fill="${colour}"/>`,
    `<text x="${(left + length + 8).toFixed(1)}" y="${middle}">${Math.round(rate).toLocaleString("en-US")}</text>`,
  ].join("\n");
}

/** Draws the small call's requests per second at 16 connections. */
export function drawChart(rows: readonly Row[]): string {
  const rate = (scenario: string, subject: string) =>
    rows.find((row) => row.scenario.startsWith(scenario) && row.subject === subject && row.connections === 16)
      ?.rate ?? 0;
  const bars: readonly Bar[] = [
    { label: "bare Bun.serve, no checks", rate: rate("small call, 2026", "bare"), colour: "#9aa4b2" },
    { label: "mcp-server, 2026-07-28", rate: rate("small call, 2026", "mcp-server"), colour: "#2f6feb" },
    { label: "mcp-server, 2025-11-25", rate: rate("small call, 2025", "mcp-server"), colour: "#2f6feb" },
    { label: "mcp-server, REST", rate: rate("small call, REST", "mcp-server"), colour: "#2f6feb" },
    { label: "SDK v2 on Bun, no token", rate: rate("small call, 2026", "sdk-modern"), colour: "#d0883a" },
    {
      label: "SDK v1, express on Node, no token",
      rate: rate("small call, 2025", "sdk-express"),
      colour: "#d0883a",
    },
  ];
  const most = Math.max(...bars.map((bar) => bar.rate));
  const height = 56 + bars.length * (barHeight + 8);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="14" role="img">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `<text x="16" y="26" font-size="16">A small tool call with its token checked, requests per second</text>`,
    ...bars.map((bar, index) => drawBar(bar, index, most)),
    "</svg>",
    "",
  ].join("\n");
}
