// Small charts of intervals: SVG with theme colours, and in words for those who cannot see it.
import { Html, html } from "./html";
import type { Comparison, Ratio } from "./protocol";

const METRICS = [
  ["cpu_time", "CPU time"],
  ["wall_time", "Wall time"],
  ["peak_memory", "Peak memory"],
  ["mean_memory", "Mean memory"],
] as const;
const [LEFT, WIDTH, ROW] = [92, 140, 22];

/** Ratios new / old with their intervals on a logarithmic scale, 1 in the middle: left of it is better. */
export function comparisonChart(comparison: Comparison): Html {
  const ratios = METRICS.map(([key]) => comparison[key]);
  const reach = Math.max(Math.log(1.1), ...ratios.flatMap(({ low, high }) => [Math.abs(Math.log(low)), Math.abs(Math.log(high))]).filter(Number.isFinite));
  const x = (ratio: number): number => round(LEFT + (WIDTH / 2) * (1 + Math.max(-1, Math.min(1, Math.log(ratio) / reach))));
  const height = METRICS.length * ROW + 16;
  return html`<svg viewBox="0 0 ${LEFT + WIDTH + 64} ${height}" role="img" aria-label="${inWords(comparison)}">
    <line class="axis" x1="${x(1)}" x2="${x(1)}" y1="2" y2="${height - 14}" />
    ${METRICS.map(([key, name], n) => row(name, comparison[key], { y: n * ROW + 12, x }))}
    <text x="${LEFT}" y="${height - 2}">better</text><text x="${x(1)}" y="${height - 2}" text-anchor="middle">same</text>
    <text x="${LEFT + WIDTH}" y="${height - 2}" text-anchor="end">worse</text>
  </svg>`;
}

function row(name: string, ratio: Ratio, { y, x }: { y: number; x: (ratio: number) => number }): Html {
  const side = sideOf(ratio);
  return html`<text x="0" y="${y + 4}">${name}</text>
    <line class="rail" x1="${LEFT}" x2="${LEFT + WIDTH}" y1="${y}" y2="${y}" />
    <line class="interval ${side}" x1="${x(ratio.low)}" x2="${x(ratio.high)}" y1="${y}" y2="${y}" />
    <circle class="point ${side}" cx="${x(ratio.ratio)}" cy="${y}" r="4" />
    <text x="${LEFT + WIDTH + 10}" y="${y + 4}">${percent(ratio.ratio)}</text>`;
}

function sideOf({ low, high }: Ratio): string {
  return high < 1 ? "better" : low > 1 ? "worse" : "";
}

/** A share of 0 to 1 with its interval, as in rankings. */
export function shareBar({ mean, low, high }: { mean: number; low: number; high: number }): Html {
  const x = (share: number): number => round(4 + 112 * Math.max(0, Math.min(1, share)));
  return html`<svg viewBox="0 0 120 14" width="120" role="img" aria-label="${whole(mean)}, between ${whole(low)} and ${whole(high)}">
    <line class="rail" x1="4" x2="116" y1="7" y2="7" />
    <line class="interval" x1="${x(low)}" x2="${x(high)}" y1="7" y2="7" />
    <circle class="point" cx="${x(mean)}" cy="7" r="4" />
  </svg>`;
}

export function inWords(comparison: Comparison): string {
  const parts = METRICS.map(([key, name]) => `${name} ${percent(comparison[key].ratio)}, between ${percent(comparison[key].low)} and ${percent(comparison[key].high)}`);
  return `New against old over ${comparison.pairs} pairs of runs. ${parts.join("; ")}.`;
}

/** 0.8 is "−20.0 %". */
export function percent(ratio: number): string {
  const change = (ratio - 1) * 100;
  return `${change > 0 ? "+" : change < 0 ? "−" : "±"}${Math.abs(change).toFixed(1)} %`;
}

export function whole(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
