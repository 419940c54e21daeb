// Which model is asked first, and why: bars with intervals, their source and date, and what was learnt on this machine.
import { shareBar, whole } from "./chart";
import { STAGES } from "./evidence";
import { Html, html } from "./html";
import type { RankingRow, RankingsParams, Stage } from "./protocol";

const KEYS = ["stage", "language", "category"] as const;

/** `all` fills the choices of the filter, `filter` says what is shown. */
export function rankingsPage(all: readonly RankingRow[], filter: RankingsParams): Html {
  const rows = all.filter((row) => KEYS.every((key) => filter[key] === undefined || row[key] === filter[key]));
  return html`<h1>Rankings</h1>
    <p class="muted">How probable it is that one answer of a model is verified, with the interval in which that probability lies. The models that rank best are asked first.</p>
    <form id="filter">${KEYS.map((key) => choice(key, all, filter))}</form>
    ${rows.length === 0 ? html`<p>Nothing is known for this choice.</p>` : tables(rows)}`;
}

function choice(key: (typeof KEYS)[number], all: readonly RankingRow[], filter: RankingsParams): Html {
  const option = (value: string, label: string): Html => html`<option value="${value}" ${new Html(filter[key] === value ? "selected" : "")}>${label}</option>`;
  const values = [...new Set(all.map((row) => row[key]))].sort();
  return html`<label>${key} <select name="${key}">${option("", "all")}${values.map((value) => option(value, key === "stage" ? STAGES[value as Stage] : value))}</select></label>`;
}

function tables(rows: readonly RankingRow[]): Html {
  const titleOf = (row: RankingRow): string => `${STAGES[row.stage]} · ${row.language}`;
  const sorted = [...rows].sort((a, b) => a.category.localeCompare(b.category) || b.mean - a.mean);
  return html`${[...new Set(rows.map(titleOf))].map((title) => table(title, sorted.filter((row) => titleOf(row) === title)))}`;
}

function table(title: string, rows: readonly RankingRow[]): Html {
  return html`<h2>${title}</h2>
    <table aria-label="${title}">
      <thead>
        <tr>
          <th scope="col">Category</th><th scope="col">Model</th><th scope="col">Verified</th><th scope="col" class="number">Mean</th>
          <th scope="col" class="number">Seen</th><th scope="col">Source</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map(line)}
      </tbody>
    </table>`;
}

function line(row: RankingRow): Html {
  return html`<tr>
    <td>${row.category}</td>
    <td>${row.model}</td>
    <td>${shareBar(row)}</td>
    <td class="number">${whole(row.mean)}</td>
    <td class="number">${row.successes} of ${row.trials}</td>
    <td class="muted">${row.local ? html`<span class="local">learnt here</span> ` : html``}${row.source} ${row.date}</td>
  </tr>`;
}

/** What the page's form sent; empty choices are no filter. */
export function filterOf(values: Record<string, unknown>): RankingsParams {
  return Object.fromEntries(KEYS.flatMap((key) => (typeof values[key] === "string" && values[key] !== "" ? [[key, values[key]]] : [])));
}
