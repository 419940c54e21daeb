// Looks for the server on this machine, and makes an environment for it where there is none.
import { execFile } from "node:child_process";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import * as vscode from "vscode";
import { type Decision, type Finding, type Origin, decide, pathFrom, programFrom } from "./locate";
import { isObject } from "./protocol";
import { Trouble, TRY_AGAIN } from "./trouble";

const run = promisify(execFile);
const ASK = "import importlib.metadata as m; print(m.version('perforch'))";
const OLDEST = "import sys; sys.exit(sys.version_info < (3, 11))";
const PYTHONS = ["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python"];

/** Looks place by place, and no further than needed: each look starts a process. */
export async function locate(extension: vscode.ExtensionContext): Promise<{ findings: Finding[]; decision: Decision }> {
  const looks: readonly (() => Promise<Finding>)[] = [
    () => python("setting", setting("python")),
    async () => python("python-extension", await activeInterpreter()),
    executable,
    () => python("managed", managedPython(extension)),
  ];
  const findings: Finding[] = [];
  for (const look of looks) {
    findings.push(await look());
    const decision = decide(findings, versionOf(extension));
    if (decision.kind !== "set-up") {
      return { findings, decision };
    }
  }
  return { findings, decision: { kind: "set-up" } };
}

async function python(origin: Origin, command: string | undefined): Promise<Finding> {
  if (command === undefined || command === "") {
    return { kind: "absent", origin };
  }
  try {
    // -I: a workspace's own folder must not be able to answer in place of what is installed.
    const { stdout } = await run(command, ["-I", "-c", ASK], { timeout: 20_000 });
    return { kind: "found", origin, command, version: stdout.trim() };
  } catch (error) {
    return { kind: "no-perforch", origin, command, said: lastLine(error) };
  }
}

async function executable(): Promise<Finding> {
  try {
    const { stdout } = await run("perforch", ["--version"], { timeout: 20_000 });
    return { kind: "found", origin: "path", command: "perforch", version: stdout.trim().replace(/^perforch /, "") };
  } catch {
    return { kind: "absent", origin: "path" };
  }
}

/** The interpreter chosen in the Python extension, if that is there. */
async function activeInterpreter(): Promise<string | undefined> {
  const extension = vscode.extensions.getExtension<unknown>("ms-python.python");
  const api = extension && (extension.isActive ? extension.exports : await extension.activate());
  const environments = isObject(api) && isObject(api["environments"]) ? api["environments"] : undefined;
  const ask = environments?.["getActiveEnvironmentPath"];
  const found: unknown = typeof ask === "function" ? ask.call(environments, vscode.workspace.workspaceFolders?.[0]?.uri) : undefined;
  return isObject(found) && typeof found["path"] === "string" ? found["path"] : undefined;
}

/** Makes the extension's own environment from the wheel in it; what it needs is pinned by hashes. Removed again if anything fails. */
export async function setUp(extension: vscode.ExtensionContext, log: vscode.LogOutputChannel): Promise<void> {
  const title = "PerfOrch: setting up the server";
  await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title, cancellable: true }, async (progress, token) => {
    const aborter = new AbortController();
    token.onCancellationRequested(() => { aborter.abort(); });
    const step = async (message: string, command: string, args: readonly string[]): Promise<void> => {
      progress.report({ message });
      log.info(`${command} ${args.join(" ")}`);
      await run(command, args, { signal: aborter.signal, maxBuffer: 64 << 20 });
    };
    const folder = managedFolder(extension);
    await removeOlder(extension);
    try {
      await make(extension, folder, step);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      log.error(String(error));
      throw token.isCancellationRequested ? new vscode.CancellationError() : new Trouble(`The server could not be set up: ${lastLine(error)}`, TRY_AGAIN);
    }
  });
}

type Step = (message: string, command: string, args: readonly string[]) => Promise<void>;

async function make(extension: vscode.ExtensionContext, folder: string, step: Step): Promise<void> {
  const bundled = join(extension.extensionPath, "dist");
  const wheel = (await readdir(bundled).catch(() => [])).find((name) => name.endsWith(".whl"));
  if (wheel === undefined) {
    throw new Error(`there is no wheel in ${bundled}; install the extension again`);
  }
  const wheels = setting("wheels");
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", ...(wheels ? ["--no-index", "--find-links", wheels] : [])];
  const own = managedPython(extension);
  await mkdir(extension.globalStorageUri.fsPath, { recursive: true });
  await step("making an environment", await newEnoughPython(), ["-m", "venv", "--clear", folder]);
  await step(wheels ? `installing from ${wheels}` : "downloading what it needs", own, [...pip, "--require-hashes", "--only-binary", ":all:", "-r", join(bundled, "requirements.txt")]);
  await step("installing the server", own, [...pip, "--no-deps", join(bundled, wheel)]);
  await writeFile(join(folder, ".complete"), "");
}

async function newEnoughPython(): Promise<string> {
  const chosen = await activeInterpreter();
  for (const candidate of chosen ? [chosen, ...PYTHONS] : PYTHONS) {
    const fits = await run(candidate, ["-I", "-c", OLDEST], { timeout: 20_000 }).then(() => true, () => false);
    if (fits) {
      return candidate;
    }
  }
  throw new Error("Python 3.11 or newer is needed, and none was found on the PATH. Install one, or name its path in perforch.server.python.");
}

async function removeOlder(extension: vscode.ExtensionContext): Promise<void> {
  const storage = extension.globalStorageUri.fsPath;
  const folders = (await readdir(storage).catch(() => [])).filter((name) => name.startsWith("server-"));
  await Promise.all(folders.map((name) => rm(join(storage, name), { recursive: true, force: true })));
}

function managedFolder(extension: vscode.ExtensionContext): string {
  return join(extension.globalStorageUri.fsPath, `server-${versionOf(extension)}`);
}

function managedPython(extension: vscode.ExtensionContext): string {
  return join(managedFolder(extension), process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
}

export function versionOf(extension: vscode.ExtensionContext): string {
  const manifest: unknown = extension.extension.packageJSON;
  return isObject(manifest) ? String(manifest["version"]) : "";
}

function setting(name: "python" | "wheels"): string {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
  const text = vscode.workspace.getConfiguration("perforch.server").get(name, "");
  return name === "python" ? programFrom(folder, text) : pathFrom(folder, text);
}

/** What a process said last; that is where Python and pip say what is wrong. */
function lastLine(error: unknown): string {
  const said = isObject(error) && typeof error["stderr"] === "string" ? error["stderr"] : "";
  const last = said.trim().split("\n").at(-1) ?? "";
  return last === "" ? textOf(error) : last;
}

export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
