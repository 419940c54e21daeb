// Drives a real VS Code workbench, served by code-server and shown in a headless browser.
import { spawn, execFileSync } from "node:child_process";
import { cpSync, mkdirSync, openSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { chromium } from "playwright-core";

const BROWSER_ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const QUIET = {
  "workbench.startupEditor": "none",
  "telemetry.telemetryLevel": "off",
  "workbench.enableExperiments": false,
  "extensions.autoUpdate": false,
  "extensions.autoCheckUpdates": false,
  "extensions.ignoreRecommendations": true,
  "workbench.tips.enabled": false,
  "files.autoSave": "off",
  "files.hotExit": "off", // else unsaved text comes back in the next scenario
  "editor.minimap.enabled": false,
  "workbench.reduceMotion": "on",
  "git.enabled": false,
};

export const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export async function eventually(look, isRight, what = String(isRight), milliseconds = 20_000) {
  const end = Date.now() + milliseconds;
  for (;;) {
    const seen = await look();
    if (isRight(seen)) return seen;
    if (Date.now() > end) throw new Error(`never: ${what}; last seen: ${JSON.stringify(seen)}`);
    await sleep(50);
  }
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** One VS Code of its own: nothing under the user's home, the extension installed from its package. `home` must be short: sockets live in it. */
export class Machine {
  constructor({ codeServer, home, vsix }) {
    Object.assign(this, { codeServer, home, vsix });
  }

  /** `arguments` may hold --disable-workspace-trust. */
  async start({ settings = {}, env = {}, args = [] }) {
    mkdirSync(join(this.home, "data", "User"), { recursive: true });
    mkdirSync(join(this.home, "run"), { recursive: true, mode: 0o700 });
    writeFileSync(join(this.home, "code-server.yaml"), ""); // else one with a password is written into ~/.config
    writeFileSync(join(this.home, "data", "User", "settings.json"), JSON.stringify({ ...QUIET, ...settings }, null, 1));
    this.port = await freePort();
    const log = openSync(join(this.home, "code-server.log"), "w");
    this.env = { ...process.env, HOME: this.home, XDG_CONFIG_HOME: join(this.home, ".config"), XDG_DATA_HOME: join(this.home, ".local"), XDG_CACHE_HOME: join(this.home, ".cache"), XDG_RUNTIME_DIR: join(this.home, "run"), ...env };
    const network = ["--bind-addr", `127.0.0.1:${this.port}`, "--auth", "none"];
    const quiet = ["--disable-telemetry", "--disable-update-check", "--disable-getting-started-override"];
    this.child = spawn(process.execPath, [this.codeServer, ...this.#places(), ...network, ...quiet, ...args], { stdio: ["ignore", log, log], env: this.env });
    this.exited = new Promise((resolve) => this.child.once("exit", resolve));
    await eventually(() => this.#answers(), (answer) => answer, "code-server answers");
  }

  install() {
    mkdirSync(this.home, { recursive: true });
    writeFileSync(join(this.home, "code-server.yaml"), "");
    execFileSync(process.execPath, [this.codeServer, ...this.#places(), "--install-extension", this.vsix, "--force"], { env: { ...process.env, HOME: this.home, XDG_CONFIG_HOME: join(this.home, ".config"), XDG_DATA_HOME: join(this.home, ".local") } });
  }

  async stop() {
    this.child.kill("SIGTERM");
    await this.exited;
  }

  #places() {
    return ["--user-data-dir", join(this.home, "data"), "--extensions-dir", join(this.home, "extensions"), "--config", join(this.home, "code-server.yaml")];
  }

  async #answers() {
    if (this.child.exitCode !== null) throw new Error(readFileSync(join(this.home, "code-server.log"), "utf8"));
    return fetch(`http://127.0.0.1:${this.port}/healthz`).then((answer) => answer.ok, () => false);
  }
}

export function launchBrowser() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", headless: true, args: BROWSER_ARGS });
}

/** A copy of a folder, under its real path: the editor and the server must call it the same. */
export function copyOf(folder, to) {
  cpSync(folder, to, { recursive: true, filter: (path) => !/__pycache__|\.pytest_cache/.test(path) });
  return realpathSync(to);
}

export class Workbench {
  /** Each has a browser profile of its own: no editors and no state from before. `query` is folder= or workspace=. */
  static async open(browser, machine, query) {
    const context = await browser.newContext({ viewport: { width: 1400, height: 860 } });
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    const url = new URL(`http://127.0.0.1:${machine.port}/`);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    await page.goto(url.href);
    await page.locator(".monaco-workbench").waitFor();
    return new Workbench(page);
  }

  constructor(page) {
    this.page = page;
    this.input = page.locator(".quick-input-widget input[type='text']:visible, .quick-input-widget input[type='password']:visible");
    this.rows = page.locator(".quick-input-list .monaco-list-row");
  }

  /** `title` as it is shown, with its category. */
  async command(title, { opensPicker = false } = {}) {
    await this.page.keyboard.press("F1");
    await this.input.waitFor();
    await this.input.fill(`>${title}`);
    await this.rows.first().filter({ hasText: title }).waitFor();
    await this.page.keyboard.press("Enter");
    if (!opensPicker) await this.input.waitFor({ state: "hidden" });
  }

  /** `title` is what its tab says, where that is not the name that finds it. */
  async openFile(name, line, title = name) {
    await this.#filesAreListed(); // earlier, nothing is found
    await this.page.keyboard.press("Control+P");
    await this.input.waitFor();
    await this.input.fill(name);
    await this.rows.filter({ hasText: title }).first().waitFor();
    await this.page.keyboard.press("Enter");
    await this.page.locator(".tab.active", { hasText: title }).waitFor();
    if (line !== undefined) await this.goTo(line);
  }

  /** Now and then the editor reads a workspace file before it can, and then shows no folder until it is loaded again. */
  async #filesAreListed() {
    const first = this.page.locator(".explorer-folders-view .monaco-list-row").first();
    await first.waitFor({ timeout: 10_000 }).catch(() => this.page.reload());
    await first.waitFor();
  }

  async goTo(line, column = 1) {
    await this.page.keyboard.press("Control+G");
    await this.input.waitFor();
    await this.input.fill(`:${line}:${column}`);
    await this.rows.filter({ hasText: `line ${line}` }).first().waitFor();
    await eventually(async () => {
      await this.page.keyboard.press("Enter");
      await sleep(100);
      return this.input.isVisible();
    }, (isVisible) => !isVisible, "it goes to the line");
  }

  async pick(text) {
    await this.rows.filter({ hasText: text }).first().waitFor();
    await this.rows.filter({ hasText: text }).first().click();
  }

  async answer(text) {
    await this.input.waitFor();
    await this.input.fill(text);
    await this.page.keyboard.press("Enter");
  }

  /** The centre of something that lies under the editor's text layer. */
  async at(locator) {
    const box = await eventually(() => locator.boundingBox().catch(() => null), (found) => found !== null && found.width > 0, "it has a box");
    return [box.x + box.width / 2, box.y + box.height / 2];
  }

  /** The language server is there and idle. */
  async ready(timeout = 30_000) {
    const idle = this.page.locator(".statusbar-item:has(.codicon-check)", { hasText: "PerfOrch" });
    await idle.waitFor({ timeout }).catch(async (cause) => {
      const item = this.page.locator(".statusbar-item", { hasText: "PerfOrch" }).locator("[aria-label]").first();
      const said = await item.getAttribute("aria-label", { timeout: 1000 }).catch(() => "nothing");
      throw new Error(`the server is not ready; the status bar says: ${said}`, { cause });
    });
  }

  /** The light bulb is shown at the cursor; opens its menu. */
  async openLightBulb() {
    await this.page.locator(".lightBulbWidget:visible, [class*='codicon-gutter-lightbulb']:visible").first().waitFor();
    await this.page.keyboard.press("Control+.");
    await this.actions().first().waitFor();
  }

  line(text) {
    return this.page.locator(".editor-group-container.active .editor-instance .view-line", { hasText: text }).first();
  }

  actions() {
    return this.page.locator(".action-widget .monaco-list-row.action");
  }

  async choose(label) {
    const row = this.actions().filter({ hasText: label }).first();
    await row.waitFor();
    await this.page.mouse.move(...(await this.at(row)), { steps: 2 }); // takes away what covers a fresh menu
    await row.click();
  }

  status(text) {
    return this.page.locator(".statusbar-item", { hasText: text });
  }

  squiggles() {
    return this.page.locator(".squiggly-warning, .squiggly-error, .squiggly-info");
  }

  lens(text) {
    return this.page.locator(".codelens-decoration a", { hasText: text });
  }

  titleButton(label) {
    return this.page.locator(`.editor-group-container.active .editor-actions .action-label[aria-label^="${label}"]`);
  }

  toast(text) {
    return this.page.locator(".notification-toast", { hasText: text });
  }

  toastButton(text, button) {
    return this.toast(text).getByRole("button", { name: button });
  }

  diff() {
    return this.page.locator(".monaco-diff-editor");
  }

  /** A diff that proposes something; what is said instead is the reason of the failure. */
  async proposal(text = "", timeout = 120_000) {
    const refused = this.page.locator(".notification-toast", { hasText: /nothing is proposed|Show Log/ });
    await this.proposed(text).first().or(refused.first()).first().waitFor({ timeout });
    if ((await refused.count()) > 0) throw new Error(await refused.first().innerText());
  }

  proposed(text) {
    return this.diff().locator(".editor.modified .view-line", { hasText: text });
  }

  /** The frame of the webview that holds this text. */
  async webview(text) {
    const frames = () => this.page.frames().filter((frame) => frame !== this.page.mainFrame());
    return eventually(async () => {
      for (const frame of frames()) {
        const words = await frame.locator("body").innerText({ timeout: 500 }).catch(() => "");
        if (words.includes(text)) return frame;
      }
      return undefined;
    }, (frame) => frame !== undefined, `a webview shows ${text}`);
  }

  /** Lines on the screen. */
  async text(root = ".editor-group-container.active .editor-instance .monaco-editor") {
    return this.page.locator(`${root} .view-line`).evaluateAll((lines) =>
      lines.sort((a, b) => parseFloat(a.style.top) - parseFloat(b.style.top)).map((line) => line.textContent.replace(/\u00a0/g, " ")),
    );
  }

  async save() {
    await this.page.keyboard.press("Control+S");
    await this.page.locator(".tab.active.dirty").waitFor({ state: "detached" });
  }

  /** Before the browser is closed: only so does the server end the extension host at once. */
  async close() {
    await this.page.context().close();
  }
}
