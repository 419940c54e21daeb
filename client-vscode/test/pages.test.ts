import assert from "node:assert/strict";
import { test } from "node:test";
import { comparisonChart, percent, shareBar } from "../src/chart";
import { evidencePage, titleOf } from "../src/evidence";
import { html, page } from "../src/html";
import { filterOf, rankingsPage } from "../src/rankings";
import { COMPARISON, PROPOSAL, ROW } from "./results";

const HOSTILE = `<script>alert("1")</script>`;

test("text is escaped wherever it stands, markup of ours is not", () => {
  assert.equal(html`<b title="${'"'}">${HOSTILE}${[html`<i></i>`]}</b>`.text, '<b title="&#34;">&#60;script&#62;alert(&#34;1&#34;)&#60;/script&#62;<i></i></b>');
});

test("a page allows nothing without its nonce, which is never used twice", () => {
  const [one, two] = [page("t", html``), page("t", html``)].map((text) => /script-src 'nonce-([^']+)'/.exec(text)?.[1]);
  assert.ok(one && two && one !== two);
  assert.match(page("t", html``), /default-src 'none'/);
});

test("what a model or a test is called cannot become markup", () => {
  const evidence = { ...EVIDENCE, failed_before: [HOSTILE], sandbox: HOSTILE };
  const shown = evidencePage({ ...PROPOSAL, candidate: { ...CANDIDATE, model: HOSTILE }, evidence, reason: { code: HOSTILE, text: HOSTILE } }, 0).text;
  assert.doesNotMatch(shown, /<script/);
  assert.doesNotMatch(rankingsPage([{ ...ROW, model: HOSTILE, source: HOSTILE, category: HOSTILE }], {}).text, /<script/);
});

const EVIDENCE = PROPOSAL.evidence ?? assert.fail();
const CANDIDATE = PROPOSAL.candidate ?? assert.fail();

test("the evidence of a proposal can be read without its colours", () => {
  const words = wordsOf(evidencePage(PROPOSAL, 0).text);
  for (const part of ["Fix: f", "from builtin", "Accept", "Reject", "Evidence: proven", "12 tests ran, 4 of them enter the function", "1 failed before, 0 fail now", "1 of 1 changed lines were executed", "isolation: namespaces", "Repaired: 1"]) {
    assert.ok(words.includes(part), `${part} in ${words}`);
  }
  assert.ok(!words.includes("Alternative"));
});

test("what is not proven is never called so", () => {
  const shown = { ...PROPOSAL, evidence: { ...EVIDENCE, level: "static" as const } };
  assert.doesNotMatch(titleOf(shown, 0), /proven/);
  assert.match(wordsOf(evidencePage(shown, 0).text), /nothing has executed it\. This is not a proof/);
});

test("alternatives say on what they differ", () => {
  const alternatives = [{ model: "m", code: "c", differs_on: "f(0)" }];
  const words = wordsOf(evidencePage({ ...PROPOSAL, alternatives }, 1).text);
  assert.match(words, /from m Alternative 2 of 2/);
  assert.match(words, /Differs on f\(0\)/);
  assert.equal(titleOf({ ...PROPOSAL, alternatives }, 1), "Fix f (2 of 2) · m · proven: 12 tests");
});

test("nothing proposed says why, and offers nothing to accept", () => {
  const result = { ...PROPOSAL, outcome: "none" as const, candidate: null, evidence: null, edit: null, reason: { code: "flaky", text: "test_f changes its mind." } };
  const words = wordsOf(evidencePage(result).text);
  assert.match(words, /Nothing is proposed\. test_f changes its mind\./);
  assert.doesNotMatch(words, /Accept/);
});

test("what was made faster after it was proven says with what it is compared", () => {
  const after = wordsOf(evidencePage({ ...PROPOSAL, stage: "fix", comparison: COMPARISON }, 0).text);
  assert.match(after, /compared with that first proven answer/);
  assert.doesNotMatch(wordsOf(evidencePage({ ...PROPOSAL, stage: "refine", comparison: COMPARISON }, 0).text), /first proven answer/);
});

test("a comparison is drawn with better on the left, and said in words", () => {
  const { text } = comparisonChart(COMPARISON);
  const [same, cpu, , memory] = [/class="axis" x1="([\d.]+)"/, /circle class="point better" cx="([\d.]+)"/, /./, /circle class="point worse" cx="([\d.]+)"/].map((pattern) => Number(pattern.exec(text)?.[1]));
  assert.ok(cpu !== undefined && same !== undefined && memory !== undefined && cpu < same && same < memory, text);
  assert.match(text, /aria-label="New against old over 12 pairs of runs\. CPU time −20\.0 %, between −25\.0 % and −15\.0 %;/);
  assert.equal(titleOf({ ...PROPOSAL, comparison: COMPARISON }, 0), "Fix f · builtin · proven: 12 tests, CPU time −20.0 %");
});

for (const ratio of [0, Number.POSITIVE_INFINITY, 1e-9, 1]) {
  test(`a chart of the ratio ${ratio} stays within its frame`, () => {
    const extreme = { ratio, low: ratio, high: ratio };
    const { text } = comparisonChart({ ...COMPARISON, cpu_time: extreme, wall_time: extreme, peak_memory: extreme, mean_memory: extreme });
    for (const [, x] of text.matchAll(/(?:cx|x1|x2)="([^"]*)"/g)) {
      assert.ok(Number(x) >= 0 && Number(x) <= 232, `${x ?? ""} in ${text}`);
    }
  });
}

test("changes have their sign", () => {
  assert.deepEqual([0.8, 1, 1.25].map(percent), ["−20.0 %", "±0.0 %", "+25.0 %"]);
  assert.match(shareBar(ROW).text, /aria-label="70 %, between 60 % and 80 %"/);
});

test("rankings are filtered by what the form says, best first within a category", () => {
  const rows = [ROW, { ...ROW, model: "better", mean: 0.9, local: false }, { ...ROW, model: "elsewhere", language: "go" }];
  const words = wordsOf(rankingsPage(rows, filterOf({ language: "python", stage: "", category: 3 })).text);
  assert.match(words, /maths better .* maths builtin 70 % 35 of 50 learnt here measured here/);
  assert.doesNotMatch(words, /elsewhere/);
});

test("a choice of which nothing is known says so", () => {
  assert.match(wordsOf(rankingsPage([ROW], { language: "cobol" }).text), /Nothing is known/);
});

function wordsOf(markup: string): string {
  return markup.replace(/<[^>]*>/g, " ").replace(/\s+/g, " ").replace(/ ([.,:;])/g, "$1");
}
