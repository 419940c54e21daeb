// API keys, kept in the editor's secret storage and handed to the server's memory.
import * as vscode from "vscode";
import type { Ctx } from "./ctx";
import type { SetKeyParams } from "./protocol";

const NAMES = "perforch.keys"; // the names of the keys that are stored; secrets cannot be listed in this version of the editor
const USUAL = ["OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "MISTRAL_API_KEY", "DEEPSEEK_API_KEY", "OPENROUTER_API_KEY"];
const OTHER = "Another...";

export async function keys(extension: vscode.ExtensionContext): Promise<SetKeyParams[]> {
  const stored = await Promise.all(names(extension).map(async (name) => ({ name, value: (await extension.secrets.get(secret(name))) ?? null })));
  return stored.filter(({ value }) => value !== null);
}

export const setKey = (ctx: Ctx) => async (): Promise<void> => {
  const name = await chooseName(names(ctx.extension));
  const value = name && (await vscode.window.showInputBox({ title: name, password: true, ignoreFocusOut: true, prompt: "The key is kept in the editor's secret storage. Leave empty to remove it." }));
  if (name === undefined || value === undefined) {
    return;
  }
  await (value === "" ? ctx.extension.secrets.delete(secret(name)) : ctx.extension.secrets.store(secret(name), value));
  const others = names(ctx.extension).filter((each) => each !== name);
  await ctx.extension.globalState.update(NAMES, value === "" ? others : [...others, name]);
  await ctx.server.request("perforch/setKey", { name, value: value === "" ? null : value });
  void vscode.window.showInformationMessage(value === "" ? `${name} was removed.` : `${name} is stored. Choose the models to ask by "PerfOrch: Select Models".`);
};

async function chooseName(stored: string[]): Promise<string | undefined> {
  const items = [...new Set([...stored, ...USUAL])].map((label) => ({ label, description: stored.includes(label) ? "stored" : "" }));
  const choice = await vscode.window.showQuickPick([...items, { label: OTHER, description: "named by api_key_env in perforch.toml" }], { title: "Which key?", placeHolder: "The variable that the model's provider reads" });
  if (choice?.label !== OTHER) {
    return choice?.label;
  }
  const validateInput = (text: string): string | undefined => (/^[A-Za-z_][A-Za-z0-9_]*$/.test(text) ? undefined : "A name of letters, digits and underscores, such as LOCAL_KEY");
  return vscode.window.showInputBox({ title: "Name of the key", validateInput, ignoreFocusOut: true });
}

function names(extension: vscode.ExtensionContext): string[] {
  return extension.globalState.get<string[]>(NAMES, []);
}

function secret(name: string): string {
  return `perforch.key.${name}`;
}

export const selectModels = (ctx: Ctx) => async (): Promise<void> => {
  const { models } = await ctx.server.request("perforch/models", {});
  const configuration = vscode.workspace.getConfiguration("perforch.models");
  const used = configuration.get<string[]>("use", []);
  const items = models.map(({ name, usable, why, price, rank }) => ({
    label: name,
    description: [rank === null ? undefined : `rank ${rank}`, price].filter(Boolean).join(" · "),
    detail: usable ? why : `$(warning) ${why}`,
    picked: used.length === 0 ? usable : used.includes(name),
  }));
  const chosen = await vscode.window.showQuickPick(items, { canPickMany: true, matchOnDescription: true, title: "Models to ask", placeHolder: "Their order is decided by the rankings" });
  if (chosen) {
    await configuration.update("use", chosen.length === 0 ? undefined : chosen.map(({ label }) => label), vscode.ConfigurationTarget.Global);
  }
};
