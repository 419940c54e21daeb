// What a result rests on, in words and pictures.
import { comparisonChart, percent } from "./chart";
import { choices } from "./edits";
import { Html, html } from "./html";
import type { Attempt, Comparison, Evidence, HotLine, SolveResult, Stage } from "./protocol";

export const STAGES = { generate: "Generate", fix: "Fix", refine: "Optimize" } as const;

/** `chosen` is the place in `choices`; without it the result is looked at, and nothing can be accepted. */
export function evidencePage(result: SolveResult, chosen?: number): Html {
  const name = result.target.function ?? result.target.file ?? "the workspace";
  return html`<h1>${STAGES[result.stage]}: <code>${name}</code></h1>
    ${result.outcome === "proposal" ? proposal(result, chosen ?? 0) : nothing(result)} ${chosen === undefined ? html`` : buttons(result)}
    ${result.comparison ? comparison(result.comparison, result.stage) : html``} ${result.evidence ? tests(result.evidence) : html``} ${trail(result.trail)}
    <p class="muted">${facts(result)}</p>`;
}

/** One line for a diff's title: stage, function, model and what proves it. */
export function titleOf(result: SolveResult, chosen: number): string {
  const all = choices(result);
  const place = all.length > 1 ? ` (${chosen + 1} of ${all.length})` : "";
  return [`${STAGES[result.stage]} ${result.target.function ?? ""}${place}`, all[chosen]?.model ?? "", summary(result)].join(" · ");
}

export function summary({ evidence, comparison: gain }: SolveResult): string {
  const run = evidence ? `${LEVELS[evidence.level].word}: ${count(evidence.tests_run, "test")}` : "no evidence";
  return gain ? `${run}, CPU time ${percent(gain.cpu_time.ratio)}` : run;
}

const LEVELS = {
  proven: { word: "proven", text: "Tests that fail without it, or enter it, pass with it." },
  examples: { word: "examples only", text: "Only the examples of its docstring ran. This is not a proof." },
  static: { word: "checked, not run", text: "It compiles and its names resolve; nothing has executed it. This is not a proof." },
} as const;

function proposal(result: SolveResult, chosen: number): Html {
  const all = choices(result);
  const choice = all[chosen];
  const several = all.length > 1 ? html`<p>Alternative ${chosen + 1} of ${all.length}: all pass the same tests and behave differently.</p>` : html``;
  const difference = choice?.differsOn ? html`<p>Differs on <code>${choice.differsOn}</code></p>` : html``;
  return html`<p>from <strong>${choice?.model}</strong></p>
    ${several} ${difference}`;
}

function nothing(result: SolveResult): Html {
  return html`<p class="bad" role="status">Nothing is proposed.</p>
    <p>${result.reason?.text}</p>`;
}

function buttons(result: SolveResult): Html {
  const turn = html`<button class="secondary" data-command="perforch.previousAlternative" aria-label="Previous alternative">&lsaquo;</button>
    <button class="secondary" data-command="perforch.nextAlternative" aria-label="Next alternative">&rsaquo;</button>`;
  return html`<p>
    <button data-command="perforch.accept">Accept</button><button class="secondary" data-command="perforch.reject">Reject</button>
    ${result.alternatives.length > 0 ? turn : html``}
  </p>`;
}

function tests(evidence: Evidence): Html {
  const level = LEVELS[evidence.level];
  const lines = evidence.changed_lines_executed;
  const failing = evidence.failed_before.length;
  return html`<h2>Evidence: <span class="${evidence.level === "proven" ? "good" : "bad"}">${level.word}</span></h2>
    <p>${level.text}</p>
    <ul>
      <li>${count(evidence.tests_run, "test")} ran, ${evidence.tests_entering_target} of them enter the function</li>
      ${failing ? html`<li>${failing} failed before, ${evidence.failed_after.length} ${evidence.failed_after.length === 1 ? "fails" : "fail"} now</li>` : html``}
      ${lines ? html`<li>${lines[0]} of ${lines[1]} changed lines were executed</li>` : html``}
      <li>isolation: ${evidence.sandbox}</li>
    </ul>
    ${named("Repaired", without(evidence.failed_before, evidence.failed_after))} ${named("Failing as before", evidence.failed_after)}
    ${named("Flaky, so they prove nothing", evidence.flaky)}`;
}

function named(title: string, ids: string[]): Html {
  return ids.length === 0
    ? html``
    : html`<details ${new Html(ids.length <= 6 ? "open" : "")}>
        <summary>${title}: ${ids.length}</summary>
        <ul>
          ${ids.map((id) => html`<li><code>${id}</code></li>`)}
        </ul>
      </details>`;
}

function comparison(measured: Comparison, stage: Stage): Html {
  return html`<h2>Measured</h2>
    ${stage === "refine" ? html`` : html`<p>Made faster once it was proven: compared with that first proven answer.</p>`}
    ${comparisonChart(measured)}
    <p class="muted">${measured.pairs} interleaved pairs of runs of ${measured.workload}; bars are intervals.</p>
    ${measured.hot_lines.length > 0 ? hotLines(measured.hot_lines) : html``}`;
}

function hotLines(lines: HotLine[]): Html {
  return html`<p>Where the time went before:</p>
    <ul>
      ${lines.map((hot) => html`<li>${Math.round(100 * hot.share)} %, line ${hot.line}: <code>${hot.text}</code></li>`)}
    </ul>`;
}

function trail(attempts: Attempt[]): Html {
  if (attempts.length === 0) {
    return html``;
  }
  const row = (attempt: Attempt): Html =>
    html`<tr>
      <td>${attempt.model}<br /><span class="muted">${STAGES[attempt.stage]}</span></td>
      <td class="${attempt.verdict === "passed" ? "good" : "bad"}">${attempt.fault ?? attempt.verdict}</td>
      <td class="number">${seconds(attempt.seconds)}</td>
      <td class="number">${dollars(attempt.cost_usd)}</td>
    </tr>`;
  return html`<h2>Attempts</h2>
    <table>
      <thead>
        <tr>
          <th scope="col">Model</th><th scope="col">Verdict</th><th scope="col" class="number">Time</th><th scope="col" class="number">Cost</th>
        </tr>
      </thead>
      <tbody>
        ${attempts.map(row)}
      </tbody>
    </table>`;
}

function facts({ target, seconds: time, cost_usd }: SolveResult): string {
  return [target.language, target.category, seconds(time), dollars(cost_usd)].filter((fact) => fact !== null).join(" · ");
}

function without(all: string[], some: string[]): string[] {
  return all.filter((id) => !some.includes(id));
}

export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}

export function seconds(value: number): string {
  return `${value.toFixed(value < 10 ? 1 : 0)} s`;
}

export function dollars(value: number): string {
  return value === 0 ? "$0" : `$${value < 0.01 ? value.toFixed(4) : value.toFixed(2)}`;
}
