// What every command is given.
import type * as vscode from "vscode";
import type { EvidenceView } from "./evidenceView";
import type { HistoryView } from "./history";
import type { Proposals } from "./proposals";
import type { Server } from "./server";

export interface Ctx {
  readonly extension: vscode.ExtensionContext;
  readonly log: vscode.LogOutputChannel;
  readonly server: Server;
  readonly proposals: Proposals;
  readonly evidence: EvidenceView;
  readonly history: HistoryView;
}

export type Command = (ctx: Ctx) => (...args: readonly unknown[]) => Promise<void>;
