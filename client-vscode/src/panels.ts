// Pages and documents that commands open: the rankings, the sample workspace, the debug information.
import { platform, release } from "node:os";
import { basename } from "node:path";
import * as vscode from "vscode";
import type { Ctx } from "./ctx";
import { versionOf } from "./environment";
import { page } from "./html";
import { isObject } from "./protocol";
import { filterOf, rankingsPage } from "./rankings";

const MARKER = ".perforch-sample"; // package.json activates the extension where this file is
const WELCOMED = "perforch.welcomed";

export const showRankings = (ctx: Ctx) => async (): Promise<void> => {
  const { rows } = await ctx.server.request("perforch/rankings", {});
  const panel = vscode.window.createWebviewPanel("perforch.rankings", "PerfOrch Rankings", vscode.ViewColumn.Active, { enableScripts: true, localResourceRoots: [] });
  const languages = new Set(rows.map(({ language }) => language));
  const language = vscode.window.activeTextEditor?.document.languageId ?? "";
  panel.webview.html = page("Rankings", rankingsPage(rows, languages.has(language) ? { language } : {}));
  panel.webview.onDidReceiveMessage((message: unknown) => {
    if (isObject(message) && isObject(message["values"])) {
      panel.webview.html = page("Rankings", rankingsPage(rows, filterOf(message["values"])));
    }
  });
};

/** A copy of the example in the extension's own storage; an older copy is overwritten, so that one can start again. */
export const openSample = (ctx: Ctx) => async (): Promise<void> => {
  const sample = sampleFolder(ctx.extension);
  await vscode.workspace.fs.copy(vscode.Uri.joinPath(ctx.extension.extensionUri, "examples", "demo"), sample, { overwrite: true });
  await vscode.workspace.fs.writeFile(vscode.Uri.joinPath(sample, MARKER), Buffer.from("The sample workspace of PerfOrch; delete this folder when you like.\n"));
  await vscode.commands.executeCommand("vscode.openFolder", sample, { forceNewWindow: vscode.workspace.workspaceFolders !== undefined });
};

/** In the sample, when it is seen for the first time, the walkthrough goes on where it was left. */
export async function welcome({ extension }: Ctx): Promise<void> {
  const isSample = isSampleOpen(extension);
  await vscode.commands.executeCommand("setContext", "perforch.inSample", isSample);
  if (isSample && !extension.workspaceState.get<boolean>(WELCOMED, false)) {
    await extension.workspaceState.update(WELCOMED, true);
    await vscode.commands.executeCommand("workbench.action.openWalkthrough", "perforch.perforch#start");
  }
}

/** The sample's tests run in the server's own interpreter: that one surely has pytest. */
export async function equipSample({ extension, server }: Ctx): Promise<void> {
  const { decision } = server.looked ?? {};
  if (isSampleOpen(extension) && decision?.kind === "use" && decision.origin !== "path") {
    const settings = `[languages.python]\ninterpreter = ${JSON.stringify(decision.launch.command)}\n`;
    await vscode.workspace.fs.writeFile(vscode.Uri.joinPath(sampleFolder(extension), "perforch.toml"), Buffer.from(settings));
  }
}

function isSampleOpen(extension: vscode.ExtensionContext): boolean {
  return vscode.workspace.workspaceFolders?.some(({ uri }) => uri.toString() === sampleFolder(extension).toString()) ?? false;
}

function sampleFolder(extension: vscode.ExtensionContext): vscode.Uri {
  return vscode.Uri.joinPath(extension.globalStorageUri, "sample");
}

/** What a report of a fault needs; no key and no source is in it. */
export const debugInfo = (ctx: Ctx) => async (): Promise<void> => {
  const checkup = await ctx.server.request("perforch/doctor", {}).then(({ lines }) => lines, (error: unknown) => [String(error)]);
  const { findings = [], decision } = ctx.server.looked ?? {};
  const content = [
    "# PerfOrch: debug information",
    "",
    `extension ${versionOf(ctx.extension)}, ${vscode.env.appName} ${vscode.version} (${vscode.env.remoteName ?? "local"}), ${platform()} ${release()}`,
    `trusted: ${vscode.workspace.isTrusted}; folders: ${vscode.workspace.workspaceFolders?.map(({ uri }) => basename(uri.fsPath)).join(", ") ?? "none"}`,
    "",
    "## Where the server was looked for",
    ...findings.map((each) => `- ${JSON.stringify(each)}`),
    `- decision: ${JSON.stringify(decision)}`,
    "",
    "## perforch doctor",
    "```",
    ...checkup,
    "```",
  ].join("\n");
  await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ language: "markdown", content }));
};

export const showLog = (ctx: Ctx) => (): Promise<void> => {
  ctx.log.show(true);
  return Promise.resolve();
};
