// The language server: found, started, asked, restarted. What goes wrong is a Trouble with a button.
import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import { locate, textOf } from "./environment";
import type { Decision, Finding } from "./locate";
import { keys } from "./keys";
import type { Requests } from "./protocol";
import type { StatusBar } from "./status";
import { MANAGE_TRUST, RESTART, SET_UP, SHOW_LOG, Trouble, UNTRUSTED } from "./trouble";

const MAX_CRASHES = 4; // in CRASH_MINUTES; more is a fault that starting again does not cure
const CRASH_MINUTES = 3;

export class Server {
  #client: Promise<LanguageClient> | undefined;
  #handing = Promise.resolve(); // of the keys: nothing is asked before the server has them
  #hasStarted = false;
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
    await this.#handing;
    return token ? client.sendRequest<Requests[M][1]>(method, params, token) : client.sendRequest<Requests[M][1]>(method, params);
  }

  async onProgress(token: string, report: (message: string | undefined, percentage: number | undefined) => void): Promise<vscode.Disposable> {
    const { onProgress } = await import("./client");
    return onProgress(await this.running(), token, report);
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
    this.#hasStarted = false;
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
      throw new Trouble(UNTRUSTED, MANAGE_TRUST);
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
    // The library is large: loading it waits until it is needed, so that activation is quick.
    const { start } = await import("./client");
    const client = await start({ command, args }, this.log, {
      onStatus: (status) => { this.status.update(status); },
      onState: (state) => { this.status.lifecycle(state); },
      onRunning: (running) => { this.#handing = this.#handOverKeys(running); },
      isToStartAgain: () => this.#isToStartAgain(),
    });
    if (!client.isRunning()) { // a server that ends at once does not make start() fail
      throw new Trouble(`PerfOrch's server could not be started by ${command}; the log says why.`, SHOW_LOG);
    }
    this.#hasStarted = true;
    return client;
  }

  /** The server keeps keys in its memory only, so each new one gets them. */
  async #handOverKeys(client: LanguageClient): Promise<void> {
    for (const key of await keys(this.extension)) {
      await client.sendRequest("perforch/setKey", key);
    }
  }

  /** A server that died is started again, unless it dies again and again. */
  #isToStartAgain(): boolean {
    if (!this.#hasStarted) {
      return false;
    }
    const now = Date.now();
    this.#crashes = [...this.#crashes.filter((time) => now - time < CRASH_MINUTES * 60_000), now];
    if (this.#crashes.length <= MAX_CRASHES) {
      this.log.warn("the server ended unexpectedly; it is started again");
      return true;
    }
    const text = `PerfOrch's server ended ${this.#crashes.length} times within ${CRASH_MINUTES} minutes, so it is not started again. Your files were not touched.`;
    void vscode.window.showErrorMessage(text, RESTART.title, SHOW_LOG.title).then((choice) => {
      return choice && vscode.commands.executeCommand((choice === RESTART.title ? RESTART : SHOW_LOG).command);
    });
    return false;
  }
}
