// The extension: what is built when it is activated, and the table of its commands.
import * as vscode from "vscode";
import type { Command, Ctx } from "./ctx";
import { setUp, textOf } from "./environment";
import { EvidenceView } from "./evidenceView";
import { HistoryView, openRun, refreshHistory, showHistory } from "./history";
import { selectModels, setKey } from "./keys";
import { functionLenses } from "./lenses";
import { debugInfo, equipSample, openSample, showLog, showRankings, welcome } from "./panels";
import { accept, explain, PAST, Proposals, reject, SCHEME, turn } from "./proposals";
import { LANGUAGES } from "./protocol";
import { Server } from "./server";
import { fixTest, runTests, solve } from "./solve";
import { StatusBar } from "./status";
import { SHOW_LOG, Trouble, UNTRUSTED } from "./trouble";

const COMMANDS: Record<string, Command> = {
  generate: solve("generate"),
  fix: solve("fix"),
  optimize: solve("refine"),
  fixTest,
  runTests,
  accept,
  reject,
  nextAlternative: turn(1),
  previousAlternative: turn(-1),
  explain,
  openRun,
  showHistory,
  refreshHistory,
  showRankings,
  setKey,
  selectModels,
  openSample,
  setUp: (ctx) => async () => {
    await setUp(ctx.extension, ctx.log);
    await ctx.server.restart();
  },
  restart: (ctx) => () => ctx.server.restart(),
  showLog,
  debugInfo,
};

const FILES = LANGUAGES.map((language) => ({ scheme: "file", language }));
let server: Server | undefined;

export function activate(extension: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel("PerfOrch", { log: true });
  const status = new StatusBar();
  server = new Server(extension, log, status);
  const ctx: Ctx = { extension, log, server, proposals: new Proposals(), evidence: new EvidenceView(), history: new HistoryView(server) };
  const start = (): void => {
    if (!vscode.workspace.isTrusted) {
      status.lifecycle({ kind: "stopped", text: UNTRUSTED }); // said aloud only to those who ask for something
      return;
    }
    void guarded(ctx, async () => {
      await ctx.server.running();
      ctx.history.refresh();
      await equipSample(ctx);
    });
  };
  extension.subscriptions.push(
    log,
    status.item,
    ...Object.entries(COMMANDS).map(([name, command]) =>
      vscode.commands.registerCommand(`perforch.${name}`, (...args: unknown[]) => guarded(ctx, () => command(ctx)(...args))),
    ),
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, ctx.proposals.content),
    vscode.workspace.registerTextDocumentContentProvider(PAST, ctx.proposals.content),
    vscode.languages.registerCodeLensProvider([{ scheme: SCHEME }, ...FILES], ctx.proposals),
    vscode.languages.registerCodeLensProvider(FILES, functionLenses),
    vscode.window.registerWebviewViewProvider("perforch.evidence", ctx.evidence),
    vscode.window.registerTreeDataProvider("perforch.history", ctx.history),
    vscode.workspace.onDidGrantWorkspaceTrust(start),
    vscode.workspace.onDidChangeWorkspaceFolders(start), // what could not be started without a folder may be, now
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("perforch")) {
        void guarded(ctx, () => (change.affectsConfiguration("perforch.server") ? ctx.server.restart() : ctx.server.configured()));
      }
    }),
  );
  void guarded(ctx, () => welcome(ctx));
  start();
}

/** The one place where what goes wrong is shown, with a button that helps. */
async function guarded(ctx: Ctx, command: () => Promise<void>): Promise<void> {
  try {
    await command();
  } catch (error) {
    if (error instanceof vscode.CancellationError) {
      return;
    }
    ctx.log.error(textOf(error));
    const { title, command: next, arguments: rest } = error instanceof Trouble ? error.button : SHOW_LOG;
    const show = error instanceof Trouble ? vscode.window.showWarningMessage : vscode.window.showErrorMessage;
    const chosen = await show(textOf(error), title);
    await (chosen && vscode.commands.executeCommand(next, ...rest));
  }
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}
