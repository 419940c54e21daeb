// Past runs as a tree; each opens its change and its evidence again.
import * as vscode from "vscode";
import type { Ctx } from "./ctx";
import { STAGES, dollars, seconds } from "./evidence";
import { isObject, type Run } from "./protocol";
import type { Server } from "./server";

const MOST = 200; // more than anyone scrolls through; the command line lists them all

export class HistoryView implements vscode.TreeDataProvider<Run> {
  readonly #changes = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.#changes.event;

  constructor(readonly server: Server) {}

  refresh(): void {
    this.#changes.fire(undefined);
  }

  async getChildren(parent?: Run): Promise<Run[]> {
    return parent ? [] : this.server.request("perforch/history", { limit: MOST }).then(({ runs }) => runs, () => []);
  }

  getTreeItem(run: Run): vscode.TreeItem {
    const item = new vscode.TreeItem(`${STAGES[run.stage]} ${run.function ?? run.file ?? "the workspace"}`);
    const ended = run.outcome === "none" ? "nothing proposed" : run.accepted === null ? "not answered" : run.accepted ? "accepted" : "rejected";
    const facts = [ended, run.model, new Date(run.time).toLocaleString()].filter((fact) => fact !== null).join(" · ");
    item.id = run.id;
    item.description = facts;
    item.tooltip = `${run.file ?? ""}\n${run.level ?? "no evidence"} · ${seconds(run.seconds)} · ${dollars(run.cost_usd)}`;
    item.iconPath = new vscode.ThemeIcon(run.outcome === "none" ? "circle-slash" : run.accepted === null ? "question" : run.accepted ? "pass" : "close");
    item.contextValue = run.outcome;
    item.command = { command: "perforch.openRun", title: "Open the Change", arguments: [run] };
    item.accessibilityInformation = { label: `${item.label as string}, ${facts}` };
    return item;
  }
}

export const openRun = (ctx: Ctx) => async (run?: unknown): Promise<void> => {
  if (!isObject(run) || typeof run["id"] !== "string") {
    return;
  }
  const item = await ctx.server.request("perforch/historyItem", { id: run["id"] });
  if (item.before !== null && item.after !== null) {
    await ctx.proposals.showPast(item, item.before, item.after);
  }
  await ctx.evidence.show(item);
};

export const refreshHistory = (ctx: Ctx) => (): Promise<void> => {
  ctx.history.refresh();
  return Promise.resolve();
};

export const showHistory = (ctx: Ctx) => async (): Promise<void> => {
  ctx.history.refresh();
  await vscode.commands.executeCommand("perforch.history.focus");
};
