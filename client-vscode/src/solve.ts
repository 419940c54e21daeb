// Asking for a function: Generate, Fix, Optimize, and the tests that show what is wrong.
import { randomUUID } from "node:crypto";
import * as vscode from "vscode";
import type { Ctx } from "./ctx";
import { STAGES, count } from "./evidence";
import { isPlace, LANGUAGES, type Place, type RunTestsResult, type SolveResult, type Stage } from "./protocol";

/** The argument of a code action says where; without it, the cursor does. */
export const solve = (stage: Stage) => (ctx: Ctx) => async (argument?: unknown): Promise<void> => {
  const place = isPlace(argument) ? argument : placeOfCursor();
  if (place === undefined) {
    void vscode.window.showWarningMessage(`Put the cursor into a function first (${LANGUAGES.join(", ")}).`);
    return;
  }
  const { uri, position, test } = place;
  const params = { textDocument: { uri }, position, stage, ...(test === undefined ? {} : { test }) };
  const result = await withProgress(ctx, `PerfOrch: ${STAGES[stage]}`, (workDoneToken, token) =>
    ctx.server.request("perforch/solve", { ...params, workDoneToken }, token),
  );
  await (result && report(ctx, result));
};

async function report(ctx: Ctx, result: SolveResult): Promise<void> {
  ctx.history.refresh();
  if (result.outcome === "proposal" && result.edit) {
    await ctx.proposals.add(result, result.edit);
    await ctx.evidence.show(result, 0);
    await vscode.commands.executeCommand("setContext", "perforch.proposed", true);
    return;
  }
  const name = result.target.function ?? result.target.file ?? "the workspace";
  const text = `${STAGES[result.stage]} ${name}: nothing is proposed. ${result.reason?.text ?? ""}`;
  await ctx.evidence.show(result);
  const next = result.trail.at(-1)?.fault === "provider" ? { title: "Set API Key", command: "perforch.setKey" } : { title: "Select Models", command: "perforch.selectModels" };
  void vscode.window.showWarningMessage(text, "Explain", next.title).then((choice) => {
    return choice && vscode.commands.executeCommand(choice === next.title ? next.command : "perforch.explain");
  });
}

function placeOfCursor(): Place | undefined {
  const editor = vscode.window.activeTextEditor;
  const isOurs = editor?.document.uri.scheme === "file" && LANGUAGES.some((each) => each === editor.document.languageId);
  return isOurs ? { uri: editor.document.uri.toString(), position: editor.selection.active } : undefined;
}

/** Offers the failing tests that are marked, and takes the light bulb's own action for the chosen one. */
export const fixTest = (ctx: Ctx) => async (): Promise<void> => {
  const marked = vscode.languages.getDiagnostics().flatMap(([uri, all]) => all.filter(({ source }) => source === "perforch").map((mark) => ({ uri, mark })));
  if (marked.length === 0) {
    const choice = await vscode.window.showInformationMessage("No failing test is marked. Run the tests first.", "Run Tests");
    await (choice && vscode.commands.executeCommand("perforch.runTests"));
    return;
  }
  const items = marked.map(({ uri, mark }) => ({ label: mark.message.split("\n", 1)[0] ?? "", description: `${vscode.workspace.asRelativePath(uri)}:${mark.range.start.line + 1}`, uri, mark }));
  const chosen = await vscode.window.showQuickPick(items, { title: "Which failing test?", matchOnDescription: true });
  if (chosen === undefined) {
    return;
  }
  const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>("vscode.executeCodeActionProvider", chosen.uri, chosen.mark.range, vscode.CodeActionKind.QuickFix.value);
  const fix = actions.find(({ command }) => command?.command === "perforch.fix")?.command?.arguments?.[0] as unknown;
  await solve("fix")(ctx)(isPlace(fix) ? fix : { uri: chosen.uri.toString(), position: chosen.mark.range.start });
};

export const runTests = (ctx: Ctx) => async (): Promise<void> => {
  const uri = vscode.window.activeTextEditor?.document.uri; // chooses the folder, where there are several
  const textDocument = uri?.scheme === "file" ? { textDocument: { uri: uri.toString() } } : {};
  const result = await withProgress(ctx, "PerfOrch: Run Tests", (workDoneToken, token) => ctx.server.request("perforch/runTests", { ...textDocument, workDoneToken }, token));
  if (result) {
    await vscode.commands.executeCommand("setContext", "perforch.testsRan", true);
    tell(result);
  }
};

function tell({ passed, failed, skipped, flaky, message }: RunTestsResult): void {
  const text = [`${count(passed + failed + skipped, "test")}: ${passed} passed, ${failed} failed, ${skipped} skipped${flaky.length > 0 ? `, flaky: ${flaky.join(", ")}` : ""}.`, message].filter(Boolean).join(" ");
  if (failed === 0) {
    void vscode.window.showInformationMessage(text);
    return;
  }
  void vscode.window.showWarningMessage(text, "Fix...", "Show Problems").then((choice) => {
    return choice && vscode.commands.executeCommand(choice === "Fix..." ? "perforch.fixTest" : "workbench.actions.view.problems");
  });
}

/** Runs with a notification that shows the server's progress. Cancel answers at once, and returns undefined; the server is told. */
async function withProgress<R>(ctx: Ctx, title: string, run: (workDoneToken: string, token: vscode.CancellationToken) => Promise<R>): Promise<R | undefined> {
  return vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title, cancellable: true }, async (progress, token) => {
    const workDoneToken = randomUUID();
    let done = 0;
    const listening = await ctx.server.onProgress(workDoneToken, (message, percentage = done) => {
      progress.report({ ...(message === undefined ? {} : { message }), increment: percentage - done });
      done = percentage;
    });
    const cancelled = new Promise<undefined>((resolve) => token.onCancellationRequested(() => { resolve(undefined); }));
    const answer = run(workDoneToken, token).catch((error: unknown) => {
      if (token.isCancellationRequested) {
        return undefined;
      }
      throw error;
    });
    try {
      return await Promise.race([answer, cancelled]);
    } finally {
      listening.dispose();
      if (token.isCancellationRequested) {
        vscode.window.setStatusBarMessage("PerfOrch: cancelled, nothing was changed", 5000);
      }
    }
  });
}
