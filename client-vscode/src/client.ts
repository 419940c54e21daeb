// The connection to one server process, on top of vscode-languageclient.
import type * as vscode from "vscode";
import { CloseAction, ErrorAction, LanguageClient, State, WorkDoneProgress, type Executable } from "vscode-languageclient/node";
import { INITIALIZATION_OPTIONS, LANGUAGES, STATUS, type Status } from "./protocol";
import type { Lifecycle } from "./status";

/** What its owner wants to know and decides. `onRunning` comes after every start, also one by itself. */
interface Owner {
  readonly onStatus: (status: Status) => void;
  readonly onState: (state: Lifecycle) => void;
  readonly onRunning: (client: LanguageClient) => void;
  readonly isToStartAgain: () => boolean;
}

/** Writes to the log what the library would pop up in its own words: whoever wanted something says what became of it. */
class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}

export async function start(launch: Executable, log: vscode.LogOutputChannel, owner: Owner): Promise<LanguageClient> {
  const client = new QuietClient("perforch", "PerfOrch", launch, {
    documentSelector: LANGUAGES.map((language) => ({ language, scheme: "file" })),
    initializationOptions: INITIALIZATION_OPTIONS,
    outputChannel: log,
    traceOutputChannel: log,
    initializationFailedHandler: () => false,
    errorHandler: {
      error: () => ({ action: ErrorAction.Continue }),
      closed: () => ({ action: owner.isToStartAgain() ? CloseAction.Restart : CloseAction.DoNotRestart, handled: true }),
    },
  });
  client.onNotification(STATUS, owner.onStatus);
  client.onDidChangeState(({ newState }) => {
    owner.onState(LIFECYCLE[newState]);
    if (newState === State.Running) {
      owner.onRunning(client);
    }
  });
  await client.start().catch(() => undefined);
  return client;
}

const STOPPED = { kind: "stopped", text: "The server has stopped." } as const;
const LIFECYCLE: Record<State, Lifecycle> = {
  [State.Starting]: { kind: "starting" },
  [State.Running]: { kind: "ready" },
  [State.Stopped]: STOPPED,
  [State.StartFailed]: STOPPED,
};

export function onProgress(client: LanguageClient, token: string, report: (message: string | undefined, percentage: number | undefined) => void): vscode.Disposable {
  return client.onProgress(WorkDoneProgress.type, token, (value) => {
    if (value.kind !== "end") {
      report(value.message, value.percentage);
    }
  });
}
