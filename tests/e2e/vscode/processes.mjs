// The process table, for what must be gone.
import { readdirSync, readFileSync } from "node:fs";

/** All processes below this one, as [id, command line]. */
export function descendants(root) {
  const children = new Map();
  const commands = new Map();
  for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (state === "Z") continue;
      commands.set(Number(name), readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ").trim());
      children.set(Number(parent), [...(children.get(Number(parent)) ?? []), Number(name)]);
    } catch {
      // it ended while we looked
    }
  }
  const found = [];
  const walk = (id) => {
    for (const child of children.get(id) ?? []) {
      found.push([child, commands.get(child) ?? ""]);
      walk(child);
    }
  };
  walk(root);
  return found;
}

/** The language server among the descendants of the editor. */
export function serverOf(editor) {
  return descendants(editor).find(([, command]) => command.includes("perforch serve --stdio") || command.includes("-m perforch serve"))?.[0];
}
