// Which server to start: a table of where we looked and what we found, and one decision.
import { basename, resolve } from "node:path";

export const PLACES = ["setting", "python-extension", "path", "managed"] as const;
export type Origin = (typeof PLACES)[number];

export interface Launch {
  command: string;
  args: readonly string[];
}

/** What stood at one place. `version` is that of the perforch found there. */
export type Finding =
  | { kind: "found"; origin: Origin; command: string; version: string }
  | { kind: "no-perforch"; origin: Origin; command: string; said: string }
  | { kind: "absent"; origin: Origin };

export type Decision = { kind: "use"; origin: Origin; launch: Launch; version: string } | Refusal | { kind: "set-up" };

/** Why there is no server, and the button that helps. */
export interface Refusal {
  kind: "refusal";
  text: string;
  button: { title: string; command: string; arguments: readonly unknown[] };
}

/** What a setting means by a path: from the workspace's first folder on. */
export function pathFrom(folder: string | undefined, text: string): string {
  return folder === undefined || text === "" ? text : resolve(folder, text.replace("${workspaceFolder}", folder));
}

/** The same for a program, whose bare name is looked for on the PATH. */
export function programFrom(folder: string | undefined, text: string): string {
  return text === basename(text) ? text : pathFrom(folder, text);
}

/** The first place, in the order of PLACES, whose perforch speaks our protocol; a setting is obeyed or explained, never passed over. */
export function decide(findings: readonly Finding[], wanted: string): Decision {
  for (const finding of findings) {
    if (finding.kind === "found" && isCompatible(finding.version, wanted)) {
      return { kind: "use", origin: finding.origin, launch: launchOf(finding), version: finding.version };
    }
    if (finding.origin === "setting" && finding.kind !== "absent") {
      return refusedSetting(finding, wanted);
    }
  }
  return { kind: "set-up" };
}

function launchOf({ origin, command }: { origin: Origin; command: string }): Launch {
  return { command, args: origin === "path" ? ["serve", "--stdio"] : ["-P", "-m", "perforch", "serve", "--stdio"] }; // -P: nothing of the workspace is imported
}

function refusedSetting(finding: Exclude<Finding, { kind: "absent" }>, wanted: string): Refusal {
  const what = finding.kind === "found" ? `has perforch ${finding.version}, and this extension needs ${wanted}` : `cannot run perforch: ${finding.said}`;
  return {
    kind: "refusal",
    text: `The interpreter of perforch.server.python, ${finding.command}, ${what}. Install perforch ${wanted} into it, or clear the setting.`,
    button: { title: "Open Settings", command: "workbench.action.openSettings", arguments: ["perforch.server.python"] },
  };
}

/** Before 1.0 the second number is the one that may break; after, the first. */
export function isCompatible(version: string, wanted: string): boolean {
  const [a, b] = [version, wanted].map((each) => each.split("."));
  return a?.[0] === b?.[0] && (a?.[0] !== "0" || a[1] === b?.[1]);
}
