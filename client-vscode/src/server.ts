// The language server: found, started, asked, restarted. What goes wrong is a Trouble with a button.
import * as vscode from "vscode";
import { CloseAction, ErrorAction, LanguageClient, State, WorkDoneProgress, type LanguageClientOptions } from "vscode-languageclient/node";
import { locate, textOf } from "./environment";
import type { Decision, Finding, Refusal } from "./locate";
import { INITIALIZATION_OPTIONS, STATUS, type Requests, type Status } from "./protocol";
import { keys } from "./keys";
import type { StatusBar } from "./status";

export const LANGUAGES = ["python", "go", "java", "cpp", "rust"] as const;
const MAX_CRASHES = 4; // in CRASH_MINUTES; more is a fault that starting again does not cure
const CRASH_MINUTES = 3;

export class Trouble extends Error {
  constructor(
    text: string,
    readonly button: Refusal["button"],
  ) {
    super(text);
  }
}

export const SHOW_LOG = { title: "Show Log", command: "perforch.showLog", arguments: [] } as const;
const UNTRUSTED = { title: "Manage Workspace Trust", command: "workbench.trust.manage", arguments: [] } as const;
const SET_UP = { title: "Set Up", command: "perforch.setUp", arguments: [] } as const;

export class Server {
  #client: Promise<LanguageClient> | undefined;
  #crashes: number[] = [];
  #looked: { findings: Finding[]; decision: Decision } | undefined;

  constructor(
    readonly extension: vscode.ExtensionContext,
    readonly log: vscode.LogOutputChannel,
    readonly status: StatusBar,
  ) {}

  /** Where the server was looked for, and what was decided. */
  get looked(): { findings: Finding[]; decision: Decision } | undefined {
    return this.#looked;
  }

  async request<M extends keyof Requests>(method: M, params: Requests[M][0], token?: vscode.CancellationToken): Promise<Requests[M][1]> {
    const client = await this.running();
    return client.sendRequest<Requests[M][1]>(method, params, token);
  }

  async onProgress(token: string, report: (message: string | undefined, percentage: number | undefined) => void): Promise<vscode.Disposable> {
    const client = await this.running();
    return client.onProgress(WorkDoneProgress.type, token, (value) => {
      if (value.kind !== "end") {
        report(value.message, value.percentage);
      }
    });
  }

  /** The client, started if it is not; several callers share one start. */
  async running(): Promise<LanguageClient> {
    this.#client ??= this.#start();
    try {
      return await this.#client;
    } catch (error) {
      this.#client = undefined;
      this.status.lifecycle({ kind: "stopped", text: textOf(error) });
      throw error;
    }
  }

  /** Tells a running server that settings have changed; it asks for them. */
  async configured(): Promise<void> {
    const client = await this.#client?.catch(() => undefined);
    await client?.sendNotification("workspace/didChangeConfiguration", { settings: null });
  }

  async restart(): Promise<void> {
    await this.stop();
    this.#crashes = [];
    await this.running();
  }

  async stop(): Promise<void> {
    const client = await this.#client?.catch(() => undefined);
    this.#client = undefined;
    await client?.dispose(2000);
  }

  async #start(): Promise<LanguageClient> {
    if (!vscode.workspace.isTrusted) {
      throw new Trouble("PerfOrch compiles and runs the workspace's code, so it does nothing until you trust this workspace.", UNTRUSTED);
    }
    this.status.lifecycle({ kind: "starting" });
    this.#looked = await locate(this.extension);
    const { decision } = this.#looked;
    switch (decision.kind) {
      case "refusal":
        throw new Trouble(decision.text, decision.button);
      case "set-up":
        throw new Trouble("PerfOrch's server is not installed yet. It gets an environment of its own; nothing else on this machine is changed.", SET_UP);
      case "use":
        this.log.info(`starting ${decision.launch.command} ${decision.launch.args.join(" ")} (${decision.origin}, perforch ${decision.version})`);
        return this.#launch(decision.launch.command, [...decision.launch.args]);
    }
  }

  async #launch(command: string, args: string[]): Promise<LanguageClient> {
    const client = new LanguageClient("perforch", "PerfOrch", { command, args }, this.#options());
    client.onNotification(STATUS, (status: Status) => { this.status.update(status); });
    client.onDidChangeState(({ newState }) => { this.#changed(client, newState); });
    await client.start();
    return client;
  }

  #changed(client: LanguageClient, state: State): void {
    if (state !== State.Running) {
      this.status.lifecycle(state === State.Stopped ? { kind: "stopped", text: "The server has stopped." } : { kind: "starting" });
      return;
    }
    this.status.lifecycle({ kind: "ready" });
    void keys(this.extension).then(async (all) => {
      for (const key of all) {
        await client.sendRequest("perforch/setKey", key);
      }
    });
  }

  #options(): LanguageClientOptions {
    return {
      documentSelector: LANGUAGES.map((language) => ({ language, scheme: "file" })),
      initializationOptions: INITIALIZATION_OPTIONS,
      outputChannel: this.log,
      traceOutputChannel: this.log,
      errorHandler: { error: () => ({ action: ErrorAction.Continue }), closed: () => this.#closed() },
    };
  }

  /** A server that died is started again, unless it dies again and again. */
  #closed(): { action: CloseAction; handled: boolean } {
    const now = Date.now();
    this.#crashes = [...this.#crashes.filter((time) => now - time < CRASH_MINUTES * 60_000), now];
    if (this.#crashes.length <= MAX_CRASHES) {
      this.log.warn("the server ended unexpectedly; it is started again");
      return { action: CloseAction.Restart, handled: true };
    }
    const text = `PerfOrch's server ended ${this.#crashes.length} times within ${CRASH_MINUTES} minutes, so it is not started again. Your files were not touched.`;
    this.status.lifecycle({ kind: "stopped", text });
    void vscode.window.showErrorMessage(text, "Restart Server", SHOW_LOG.title).then((choice) => {
      return choice && vscode.commands.executeCommand(choice === SHOW_LOG.title ? SHOW_LOG.command : "perforch.restart");
    });
    return { action: CloseAction.DoNotRestart, handled: true };
  }
}
