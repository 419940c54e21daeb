// Writes dist/requirements.txt: of the pinned, hashed requirements.lock, what the server needs to run, and pytest for the sample.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const entries = readFileSync(join(root, "requirements.lock"), "utf8")
  .split(/\n(?=[A-Za-z0-9])/)
  .map((text) => ({ name: text.split("==")[0].toLowerCase(), text: text.trimEnd(), via: [...text.matchAll(/^ +# +(?:via +)?([\w.-]+)/gm)].map((match) => match[1].toLowerCase()) }));
const project = readFileSync(join(root, "pyproject.toml"), "utf8");
const listed = project.match(/^dependencies = \[\n([\s\S]*?)^\]/m)?.[1] ?? "";
const needed = new Set(["pytest", ...[...listed.matchAll(/^ +"([\w.-]+)/gm)].map((match) => match[1].toLowerCase())]);

for (let before = 0; before !== needed.size; ) {
  before = needed.size;
  for (const { name, via } of entries) {
    if (via.some((parent) => parent !== "perforch" && needed.has(parent))) needed.add(name);
  }
}
const kept = entries.filter(({ name }) => needed.has(name));
const lost = [...needed].filter((name) => !kept.some((entry) => entry.name === name));
if (lost.length > 0) throw new Error(`requirements.lock has no ${lost.join(", ")}; pin them there`);
mkdirSync(join(root, "dist"), { recursive: true });
writeFileSync(join(root, "dist", "requirements.txt"), kept.map(({ text }) => text).join("\n") + "\n");
console.log(`dist/requirements.txt: ${kept.length} of ${entries.length} pinned packages`);
