// Runs scenarios, all or the named ones, and prints a line of JSON for each: {name, passed, seconds, notes, error}.
// Usage: node run.mjs --code-server ENTRY --vsix FILE --python PYTHON --wheels FOLDER --shots FOLDER --scratch FOLDER [NAME...]
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import * as scenarios from "./scenarios.mjs";
import { Machine, Workbench, copyOf, launchBrowser } from "./workbench.mjs";

const text = { type: "string" };
const { values: options, positionals } = parseArgs({ options: { "code-server": text, vsix: text, python: text, wheels: text, shots: text, scratch: text, list: { type: "boolean" } }, allowPositionals: true });
const EXAMPLE = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..", "examples", "demo");
const names = positionals.length > 0 ? positionals : Object.keys(scenarios);
if (options.list) {
  console.log(names.join("\n"));
  process.exit();
}

/** What a scenario is given. */
class Stage {
  constructor(browser, machine, folder) {
    Object.assign(this, { browser, machine, home: folder, notes: {}, closing: [], shots: 0 });
  }

  shop(name = "shop") {
    return (this.root = copyOf(EXAMPLE, join(this.home, name)));
  }

  folder(name, files = {}) {
    this.root = join(this.home, name);
    mkdirSync(this.root);
    for (const [path, content] of Object.entries(files)) writeFileSync(join(this.root, path), content);
    return this.root;
  }

  original(path) {
    return readFileSync(join(EXAMPLE, path), "utf8");
  }

  disk(path) {
    return readFileSync(join(this.root, path), "utf8");
  }

  /** The user's own perforch.toml. */
  settings(toml) {
    writeFileSync(this.machine.env.PERFORCH_CONFIG, toml);
  }

  storage(name) {
    return join(this.machine.home, "data", "User", "globalStorage", "perforch.perforch", name);
  }

  async using(promise) {
    const resource = await promise;
    this.closing.push(resource);
    return resource;
  }

  async open(folder) {
    return (this.workbench = await Workbench.open(this.browser, this.machine, { folder }));
  }

  async openWorkspace(workspace) {
    return (this.workbench = await Workbench.open(this.browser, this.machine, { workspace }));
  }

  async shot(name) {
    await this.workbench.page.screenshot({ path: join(options.shots, `${name}.png`) });
  }

  note(facts) {
    Object.assign(this.notes, facts);
  }

  async close() {
    await this.workbench?.close();
    await Promise.all(this.closing.map((resource) => resource.close()));
  }
}

/** One editor for all scenarios that want the same kind of one; `isFresh` makes a kind of its own. */
async function machineFor({ settings, args = ["--disable-workspace-trust"], isBare = false } = {}, number) {
  const home = join(options.scratch, `m${number}`);
  const machine = new Machine({ codeServer: options["code-server"], home, vsix: options.vsix });
  machine.install();
  const server = isBare ? { "perforch.server.wheels": options.wheels } : { "perforch.server.python": options.python };
  const env = {
    PERFORCH_CONFIG: join(home, "perforch.toml"),
    PERFORCH_DATA_DIR: join(home, "memory"),
    ...(isBare ? { PIP_NO_INDEX: "1" } : { PERFORCH_LANGUAGES_PYTHON_INTERPRETER: options.python }),
  };
  await machine.start({ settings: { ...server, ...settings }, env, args });
  return machine;
}

async function play(name, stage) {
  const started = Date.now();
  let error;
  try {
    stage.settings(""); // the account as it is on the first day
    await scenarios[name](stage);
  } catch (fault) {
    error = fault.stack;
    await stage.shot(`failed-${name}`).catch(() => undefined);
  }
  await stage.close();
  console.log(JSON.stringify({ name, passed: error === undefined, seconds: (Date.now() - started) / 1000, notes: stage.notes, error }));
}

mkdirSync(options.shots, { recursive: true });
const browser = await launchBrowser();
const machines = new Map();
try {
  for (const [number, name] of names.entries()) {
    const kind = JSON.stringify(scenarios[name].machine ?? {});
    if (!machines.has(kind)) machines.set(kind, await machineFor(scenarios[name].machine, number));
    const home = join(options.scratch, `w${number}`);
    mkdirSync(home, { recursive: true });
    await play(name, new Stage(browser, machines.get(kind), home));
  }
} finally {
  await browser.close();
  await Promise.all([...machines.values()].map((machine) => machine.stop()));
}
