// The status bar item: what the server is doing, and what was spent today.
import * as vscode from "vscode";
import { dollars } from "./evidence";
import type { Status } from "./protocol";

export type Lifecycle = { kind: "starting" } | { kind: "ready" } | { kind: "stopped"; text: string };

export class StatusBar {
  readonly item: vscode.StatusBarItem;
  #spent = 0;

  constructor() {
    this.item = vscode.window.createStatusBarItem("perforch.status", vscode.StatusBarAlignment.Left);
    this.item.name = "PerfOrch";
    this.item.command = { command: "workbench.action.quickOpen", arguments: [">PerfOrch: "], title: "Show PerfOrch's Commands" };
  }

  lifecycle(state: Lifecycle): void {
    switch (state.kind) {
      case "starting":
        this.#show("$(loading~spin) PerfOrch", "The server is starting.");
        break;
      case "ready":
        this.#show("$(check) PerfOrch", "Ready.");
        break;
      case "stopped":
        this.#show("$(circle-slash) PerfOrch", state.text);
        break;
    }
  }

  update({ state, stage, text, spent_today_usd }: Status): void {
    this.#spent = spent_today_usd;
    switch (state) {
      case "idle":
        this.lifecycle({ kind: "ready" });
        break;
      case "queued":
        this.#show("$(watch) PerfOrch: queued", text);
        break;
      case "running":
        this.#show(`$(loading~spin) PerfOrch: ${text || (stage ?? "working")}`, text);
        break;
    }
  }

  #show(text: string, tooltip: string): void {
    const spent = this.#spent > 0 ? ` ${dollars(this.#spent)}` : "";
    this.item.text = text + spent;
    this.item.tooltip = `${tooltip}\nSpent today: ${dollars(this.#spent)}`;
    this.item.accessibilityInformation = { label: `PerfOrch. ${tooltip} Spent today: ${dollars(this.#spent)}` };
    this.item.show();
  }
}
