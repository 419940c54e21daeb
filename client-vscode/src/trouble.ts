// What goes wrong in a way that a button helps against.
import type { Refusal } from "./locate";

type Button = Refusal["button"];

export class Trouble extends Error {
  constructor(
    text: string,
    readonly button: Button,
  ) {
    super(text);
  }
}

export const UNTRUSTED = "PerfOrch compiles and runs the workspace's code, so it does nothing until you trust this workspace.";
export const SHOW_LOG: Button = { title: "Show Log", command: "perforch.showLog", arguments: [] };
export const MANAGE_TRUST: Button = { title: "Manage Workspace Trust", command: "workbench.trust.manage", arguments: [] };
export const RESTART: Button = { title: "Restart Server", command: "perforch.restart", arguments: [] };
export const SET_UP: Button = { title: "Set Up", command: "perforch.setUp", arguments: [] };
export const TRY_AGAIN: Button = { ...SET_UP, title: "Try Again" };
