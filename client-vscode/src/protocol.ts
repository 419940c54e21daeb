// What the editor and the server say to each other; mirrors server/perforch/lsp/wire.py name for name. Absent is null on the wire.
import type { Position, Range } from "vscode-languageclient";

export const LANGUAGES = ["python", "go", "java", "cpp", "rust"] as const;

export type Stage = "generate" | "fix" | "refine";

export interface Document {
  uri: string;
}

export interface SolveParams {
  textDocument: Document;
  position: Position;
  stage: Stage;
  test?: string;
  workDoneToken?: string;
}

export interface SolveResult {
  id: string;
  outcome: "proposal" | "none";
  reason: Reason | null;
  stage: Stage;
  target: Target;
  candidate: Candidate | null;
  alternatives: Alternative[];
  evidence: Evidence | null;
  comparison: Comparison | null;
  diff: string | null;
  trail: Attempt[];
  seconds: number;
  cost_usd: number;
  edit: Edit | null;
}

export interface Reason {
  code: string;
  text: string;
}

export interface Target {
  file: string | null;
  function: string | null;
  language: string | null;
  category: string | null;
  start_line: number | null;
  end_line: number | null;
}

export interface Candidate {
  model: string;
  code: string;
  cost_usd: number;
  latency_s: number;
}

export interface Alternative {
  model: string;
  code: string;
  differs_on: string | null;
}

export interface Evidence {
  level: "proven" | "examples" | "static";
  tests_run: number;
  tests_entering_target: number;
  failed_before: string[];
  failed_after: string[];
  flaky: string[];
  changed_lines_executed: [number, number] | null;
  sandbox: string;
}

/** New / old with its interval; below 1 is better. */
export interface Ratio {
  ratio: number;
  low: number;
  high: number;
}

/** A line of the old function, with its share of the function's time. */
export interface HotLine {
  line: number;
  share: number;
  hits: number;
  text: string;
}

export interface Comparison {
  workload: string;
  cpu_time: Ratio;
  wall_time: Ratio;
  peak_memory: Ratio;
  mean_memory: Ratio;
  pairs: number;
  hot_lines: HotLine[];
}

export interface Attempt {
  model: string;
  stage: Stage;
  verdict: "passed" | "failed";
  fault: string | null;
  cost_usd: number;
  seconds: number;
}

/** `before` is the text that `range` held when the request came; `newText` takes its place. */
export interface Edit {
  uri: string;
  version: number | null;
  range: Range;
  newText: string;
  imports: TextChange | null;
  before: string;
}

export interface TextChange {
  range: Range;
  newText: string;
}

/** `alternative` counts as the preview does: 0 is the candidate itself. */
export interface AcceptParams {
  id: string;
  alternative?: number;
}

export interface AcceptResult {
  applied: boolean;
  message: string | null;
}

export interface RejectParams {
  id: string;
}

export interface RankingsParams {
  stage?: string;
  language?: string;
  category?: string;
}

export interface RankingRow {
  model: string;
  stage: Stage;
  language: string;
  category: string;
  mean: number;
  low: number;
  high: number;
  trials: number;
  successes: number;
  source: string;
  date: string;
  local: boolean;
}

export interface RankingsResult {
  rows: RankingRow[];
}

export interface HistoryParams {
  limit?: number;
}

export interface Run {
  id: string;
  time: string;
  stage: Stage;
  file: string | null;
  function: string | null;
  outcome: "proposal" | "none";
  model: string | null;
  level: string | null;
  accepted: boolean | null;
  seconds: number;
  cost_usd: number;
}

export interface HistoryResult {
  runs: Run[];
}

export interface HistoryItemParams {
  id: string;
}

export interface HistoryItem extends SolveResult {
  before: string | null;
  after: string | null;
}

export interface RunTestsParams {
  textDocument?: Document;
  workDoneToken?: string;
}

export interface RunTestsResult {
  passed: number;
  failed: number;
  skipped: number;
  flaky: string[];
  message: string | null;
}

export interface Status {
  state: "idle" | "running" | "queued";
  stage: string | null;
  text: string;
  spent_today_usd: number;
}

export interface DoctorResult {
  lines: string[];
  ready: boolean;
}

export interface SetKeyParams {
  name: string;
  value: string | null;
}

export interface ModelChoice {
  name: string;
  usable: boolean;
  why: string;
  price: string;
  rank: number | null;
}

export interface ModelsResult {
  models: ModelChoice[];
}

export type Nothing = Record<string, never>;

export interface Requests {
  "perforch/solve": [SolveParams, SolveResult];
  "perforch/accept": [AcceptParams, AcceptResult];
  "perforch/reject": [RejectParams, Nothing];
  "perforch/rankings": [RankingsParams, RankingsResult];
  "perforch/history": [HistoryParams, HistoryResult];
  "perforch/historyItem": [HistoryItemParams, HistoryItem];
  "perforch/runTests": [RunTestsParams, RunTestsResult];
  "perforch/doctor": [Nothing, DoctorResult];
  "perforch/setKey": [SetKeyParams, Nothing];
  "perforch/models": [Nothing, ModelsResult];
}

export const STATUS = "perforch/status";

/** Tells the server that this client brings its own commands and preview, so that it announces none, and a status bar. */
export const INITIALIZATION_OPTIONS = { client: "perforch-vscode", status: true } as const;

/** The argument of `perforch.generate`, `perforch.fix` and `perforch.optimize` in code actions. */
export interface Place {
  uri: string;
  position: Position;
  test?: string;
}

export function isPlace(value: unknown): value is Place {
  return (
    isObject(value) &&
    typeof value["uri"] === "string" &&
    isObject(value["position"]) &&
    typeof value["position"]["line"] === "number" &&
    typeof value["position"]["character"] === "number" &&
    ["undefined", "string"].includes(typeof value["test"])
  );
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
