// Results as the server sends them, for the tests.
import type { Comparison, Edit, RankingRow, SolveResult } from "../src/protocol";

export const EDIT: Edit = {
  uri: "file:///shop/till.py",
  version: 3,
  range: { start: { line: 2, character: 0 }, end: { line: 3, character: 12 } },
  newText: "def f(n):\n    return n + 1",
  imports: { range: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } }, newText: "import math\n" },
  before: "def f(n):\n    return n",
};

export const COMPARISON: Comparison = {
  workload: "tests/test_till.py::test_f",
  cpu_time: { ratio: 0.8, low: 0.75, high: 0.85 },
  wall_time: { ratio: 0.9, low: 0.8, high: 1.05 },
  peak_memory: { ratio: 1.1, low: 1.05, high: 1.2 },
  mean_memory: { ratio: 1, low: 1, high: 1 },
  pairs: 12,
  hot_lines: [{ line: 3, share: 0.8, hits: 1000, text: "return sorted(items)[0]" }],
};

export const PROPOSAL: SolveResult = {
  id: "7",
  outcome: "proposal",
  reason: null,
  stage: "fix",
  target: { file: "till.py", function: "f", language: "python", category: "maths", start_line: 3, end_line: 4 },
  candidate: { model: "builtin", code: EDIT.newText, cost_usd: 0, latency_s: 0.2 },
  alternatives: [],
  evidence: {
    level: "proven",
    tests_run: 12,
    tests_entering_target: 4,
    failed_before: ["tests/test_till.py::test_f"],
    failed_after: [],
    flaky: [],
    changed_lines_executed: [1, 1],
    sandbox: "namespaces",
  },
  comparison: null,
  diff: "",
  trail: [{ model: "builtin", stage: "fix", verdict: "passed", fault: null, cost_usd: 0, seconds: 1.25 }],
  seconds: 2.5,
  cost_usd: 0,
  edit: EDIT,
};

export const ROW: RankingRow = {
  model: "builtin",
  stage: "fix",
  language: "python",
  category: "maths",
  mean: 0.7,
  low: 0.6,
  high: 0.8,
  trials: 50,
  successes: 35,
  source: "measured here",
  date: "2026-11-20",
  local: true,
};
