// Proposals that wait for an answer: their diffs, their lenses, and what Accept and Reject do.
import * as vscode from "vscode";
import type { Ctx } from "./ctx";
import { choices, preview, type Preview } from "./edits";
import { titleOf } from "./evidence";
import type { Edit, SolveResult } from "./protocol";

export const SCHEME = "perforch"; // a proposal that can be accepted; package.json's menus and keys depend on it
export const PAST = "perforch-past"; // texts of former runs

interface Open {
  readonly result: SolveResult;
  readonly edit: Edit;
  readonly chosen: number;
}

export class Proposals implements vscode.CodeLensProvider {
  readonly #open = new Map<string, Open>();
  readonly #texts = new Map<string, string>();
  readonly #lenses = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.#lenses.event;

  /** For both schemes; the key is the address. */
  readonly content: vscode.TextDocumentContentProvider = { provideTextDocumentContent: (uri) => this.#texts.get(uri.toString()) ?? "" };

  /** A newer proposal for the same function takes the place of the older one. */
  async add(result: SolveResult, edit: Edit): Promise<void> {
    for (const [id, { result: other }] of this.#open) {
      if (other.target.file === result.target.file && other.target.function === result.target.function) {
        await this.remove(id);
      }
    }
    await this.show({ result, edit, chosen: 0 });
  }

  /** The proposal of the active diff, else of the active file, else the newest. */
  get current(): Open | undefined {
    const tab = vscode.window.tabGroups.activeTabGroup.activeTab;
    const inDiff = tab && this.#open.get(idOf(tab) ?? "");
    const uri = vscode.window.activeTextEditor?.document.uri.toString();
    const all = [...this.#open.values()];
    return inDiff ?? all.find(({ edit }) => edit.uri === uri) ?? all.at(-1);
  }

  async show(open: Open): Promise<void> {
    const { result, edit, chosen } = open;
    const file = vscode.Uri.parse(edit.uri);
    const document = await vscode.workspace.openTextDocument(file);
    const fitting = fit(document, open);
    if (fitting.kind === "changed") {
      void vscode.window.showWarningMessage(`${result.target.function ?? "The function"} was changed while the answer was worked out, so the answer does not fit it any more. Ask again.`);
      return;
    }
    const proposed = file.with({ scheme: SCHEME, authority: "", query: `${result.id}/${chosen}` });
    this.#open.set(result.id, open);
    this.#texts.set(proposed.toString(), fitting.after);
    const selection = new vscode.Range(fitting.line, 0, fitting.line, 0);
    await vscode.commands.executeCommand("vscode.diff", file, proposed, titleOf(result, chosen), { preview: false, selection });
    await vscode.window.tabGroups.close(this.#tabs(result.id).filter((tab) => !isOf(tab, proposed)), true);
    await this.#changed();
  }

  async remove(id: string): Promise<void> {
    this.#open.delete(id);
    await vscode.window.tabGroups.close(this.#tabs(id), true);
    await this.#changed();
  }

  /** Two texts of the past, side by side. */
  async showPast(result: SolveResult, before: string, after: string): Promise<void> {
    const at = (text: string, side: string): vscode.Uri => {
      const uri = vscode.Uri.from({ scheme: PAST, path: `/${result.target.file ?? "text"}`, query: `${result.id}/${side}` });
      this.#texts.set(uri.toString(), text);
      return uri;
    };
    await vscode.commands.executeCommand("vscode.diff", at(before, "before"), at(after, "after"), `Past: ${titleOf(result, 0)}`, { preview: true });
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    const uri = document.uri.toString();
    return [...this.#open.values()].flatMap((open) => {
      const isProposed = document.uri.scheme === SCHEME && document.uri.query === `${open.result.id}/${open.chosen}`;
      const at = isProposed || open.edit.uri === uri ? this.#line(open) : undefined;
      return at === undefined ? [] : lenses(open, at, isProposed);
    });
  }

  #line(open: Open): number | undefined {
    const document = vscode.workspace.textDocuments.find(({ uri }) => uri.toString() === open.edit.uri);
    const fitting = document && fit(document, open);
    return fitting?.kind === "fits" ? fitting.line : undefined;
  }

  #tabs(id: string): vscode.Tab[] {
    return vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).filter((tab) => idOf(tab) === id);
  }

  async #changed(): Promise<void> {
    this.#lenses.fire();
    const all = [...this.#open.values()];
    await vscode.commands.executeCommand("setContext", "perforch.proposals", all.length);
    await vscode.commands.executeCommand("setContext", "perforch.alternatives", all.some(({ result }) => result.alternatives.length > 0));
  }
}

function fit(document: vscode.TextDocument, { result, edit, chosen }: Open): Preview {
  return preview(document.getText(), edit, { code: choices(result)[chosen]?.code ?? edit.newText, isFirst: chosen === 0 });
}

function lenses({ result, chosen }: Open, line: number, isProposed: boolean): vscode.CodeLens[] {
  const range = new vscode.Range(line, 0, line, 0);
  const lens = (title: string, command: string): vscode.CodeLens => new vscode.CodeLens(range, { title, command, arguments: [result.id] });
  return [
    ...(isProposed ? [] : [lens(`$(diff) ${titleOf(result, chosen)}`, "perforch.explain")]),
    lens("$(check) Accept", "perforch.accept"),
    lens("$(close) Reject", "perforch.reject"),
    ...(result.alternatives.length > 0 ? [lens("Next alternative", "perforch.nextAlternative")] : []),
  ];
}

function idOf(tab: vscode.Tab): string | undefined {
  const shown = tab.input instanceof vscode.TabInputTextDiff && tab.input.modified.scheme === SCHEME ? tab.input.modified.query : undefined;
  return shown?.slice(0, shown.lastIndexOf("/"));
}

function isOf(tab: vscode.Tab, uri: vscode.Uri): boolean {
  return tab.input instanceof vscode.TabInputTextDiff && tab.input.modified.toString() === uri.toString();
}

export const accept = (ctx: Ctx) => async (): Promise<void> => {
  const open = ctx.proposals.current;
  if (open === undefined) {
    return;
  }
  const { result, edit, chosen } = open;
  const { applied, message } = await ctx.server.request("perforch/accept", { id: result.id, alternative: chosen });
  if (!applied) {
    void vscode.window.showWarningMessage(message ?? "The function was changed meanwhile, so nothing was applied. Ask again.");
    return;
  }
  await settle(ctx, result.id);
  const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(edit.uri));
  const line = Math.min(edit.range.start.line, document.lineCount - 1);
  await vscode.window.showTextDocument(document, { selection: new vscode.Range(line, 0, line, 0) });
  await vscode.commands.executeCommand("setContext", "perforch.accepted", true);
  await rerunMarked(ctx, edit.uri);
};

/** Where failing tests are marked, their marks must not outlive what was accepted. */
async function rerunMarked(ctx: Ctx, uri: string): Promise<void> {
  if (vscode.languages.getDiagnostics().some(([, marks]) => marks.some(({ source }) => source === "perforch"))) {
    await ctx.server.request("perforch/runTests", { textDocument: { uri } });
  }
}

export const reject = (ctx: Ctx) => async (): Promise<void> => {
  const open = ctx.proposals.current;
  if (open !== undefined) {
    await ctx.server.request("perforch/reject", { id: open.result.id });
    await settle(ctx, open.result.id);
  }
};

async function settle(ctx: Ctx, id: string): Promise<void> {
  await ctx.proposals.remove(id);
  ctx.evidence.settle(id);
  ctx.history.refresh();
}

/** `step` 1 is the next alternative, -1 the one before; they go round. */
export const turn = (step: 1 | -1) => (ctx: Ctx) => async (): Promise<void> => {
  const open = ctx.proposals.current;
  if (open !== undefined) {
    const all = choices(open.result).length;
    const chosen = (open.chosen + step + all) % all;
    await ctx.proposals.show({ ...open, chosen });
    await ctx.evidence.show(open.result, chosen);
  }
};

/** Shows the last result again, with its diff if it still waits for an answer. */
export const explain = (ctx: Ctx) => async (): Promise<void> => {
  const open = ctx.proposals.current;
  if (open !== undefined) {
    await ctx.proposals.show(open);
    await ctx.evidence.show(open.result, open.chosen);
  } else if (ctx.evidence.last) {
    await ctx.evidence.show(ctx.evidence.last);
  } else {
    void vscode.window.showInformationMessage("Nothing has been generated, fixed or optimized yet in this window.");
  }
};
