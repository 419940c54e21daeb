// The view beside the diff that shows what a result rests on.
import * as vscode from "vscode";
import { evidencePage } from "./evidence";
import { html, page } from "./html";
import { isObject, type SolveResult } from "./protocol";

const BUTTONS = ["perforch.accept", "perforch.reject", "perforch.nextAlternative", "perforch.previousAlternative"];

export class EvidenceView implements vscode.WebviewViewProvider {
  #view: vscode.WebviewView | undefined;
  #shown: { result: SolveResult; chosen: number | undefined } | undefined;

  get last(): SolveResult | undefined {
    return this.#shown?.result;
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    this.#view = view;
    view.webview.options = { enableScripts: true, localResourceRoots: [] };
    view.webview.onDidReceiveMessage((message: unknown) => {
      if (isObject(message) && typeof message["command"] === "string" && BUTTONS.includes(message["command"])) {
        void vscode.commands.executeCommand(message["command"]);
      }
    });
    view.onDidDispose(() => { this.#view = undefined; });
    this.#render();
  }

  /** Brings the view up without taking the keyboard from the diff. `chosen` undefined: nothing can be accepted. */
  async show(result: SolveResult, chosen?: number): Promise<void> {
    this.#shown = { result, chosen };
    this.#render();
    await vscode.commands.executeCommand("perforch.evidence.focus", { preserveFocus: true });
  }

  /** The result stays to be read, without buttons. */
  settle(id: string): void {
    if (this.#shown?.result.id === id) {
      this.#shown = { ...this.#shown, chosen: undefined };
      this.#render();
    }
  }

  #render(): void {
    const body = this.#shown ? evidencePage(this.#shown.result, this.#shown.chosen) : html`<p class="muted">What a proposal rests on is shown here.</p>`;
    if (this.#view) {
      this.#view.webview.html = page("Evidence", body);
    }
  }
}
