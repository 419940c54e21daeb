// Pages of the webviews: text is escaped unless it is Html already, and nothing but what carries the nonce is allowed.
import { randomBytes } from "node:crypto";

export class Html {
  constructor(readonly text: string) {}
}

type Part = string | number | undefined | Html | Html[];

export function html(parts: TemplateStringsArray, ...values: Part[]): Html {
  return new Html(parts.map((part, n) => part + markup(values[n])).join(""));
}

function markup(value: Part): string {
  if (value instanceof Html) {
    return value.text;
  }
  if (Array.isArray(value)) {
    return value.map((each) => each.text).join("");
  }
  return String(value ?? "").replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** A whole page. `data-command` on a button, and the form `filter`, send messages to the extension. */
export function page(title: string, body: Html): string {
  const nonce = randomBytes(16).toString("base64");
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'" />
        <title>${title}</title>
        <style nonce="${nonce}">
          ${STYLE}
        </style>
      </head>
      <body>
        ${body}
        <script nonce="${nonce}">
          ${SCRIPT}
        </script>
      </body>
    </html>`.text;
}

const SCRIPT = new Html(`
const vscode = acquireVsCodeApi();
for (const button of document.querySelectorAll("[data-command]")) {
  button.addEventListener("click", () => vscode.postMessage({ command: button.dataset.command }));
}
const form = document.getElementById("filter");
form?.addEventListener("change", () => vscode.postMessage({ command: "filter", values: Object.fromEntries(new FormData(form)) }));
`);

const STYLE = new Html(`
body { font: var(--vscode-font-size) var(--vscode-font-family); color: var(--vscode-foreground); padding: 0 12px 16px; line-height: 1.45; }
h1 { font-size: 1.25em; margin: 12px 0 4px; } h2 { font-size: 1em; margin: 16px 0 4px; }
p { margin: 4px 0; } .muted, .muted * { color: var(--vscode-descriptionForeground); }
.good { color: var(--vscode-charts-green); } .bad { color: var(--vscode-errorForeground); }
code { font-family: var(--vscode-editor-font-family); overflow-wrap: anywhere; }
ul { margin: 4px 0; padding-left: 18px; }
table { border-collapse: collapse; width: 100%; } th { text-align: left; font-weight: 600; }
th, td { padding: 2px 6px 2px 0; overflow-wrap: anywhere; vertical-align: middle; border-bottom: 1px solid var(--vscode-widget-border, var(--vscode-panel-border)); }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
button { font: inherit; margin: 4px 4px 4px 0; padding: 4px 10px; cursor: pointer; border: 1px solid var(--vscode-button-border, var(--vscode-contrastBorder, transparent));
  border-radius: 2px; color: var(--vscode-button-foreground); background: var(--vscode-button-background); }
button.secondary { color: var(--vscode-button-secondaryForeground); background: var(--vscode-button-secondaryBackground); }
button:focus-visible, select:focus-visible, [tabindex]:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 1px; }
select { font: inherit; color: var(--vscode-dropdown-foreground); background: var(--vscode-dropdown-background); border: 1px solid var(--vscode-dropdown-border); padding: 2px; margin-right: 12px; }
svg { display: block; width: 100%; height: auto; overflow: visible; } svg text { fill: var(--vscode-foreground); font-size: 11px; }
.axis { stroke: var(--vscode-foreground); stroke-dasharray: 2 2; opacity: .6; } .rail { stroke: var(--vscode-widget-border, var(--vscode-panel-border)); }
.interval { stroke-width: 3; } .point, .interval { stroke: var(--vscode-charts-blue, currentColor); fill: var(--vscode-charts-blue, currentColor); }
.better { stroke: var(--vscode-charts-green); fill: var(--vscode-charts-green); } .worse { stroke: var(--vscode-charts-red); fill: var(--vscode-charts-red); }
.local { border: 1px solid currentColor; border-radius: 8px; padding: 0 6px; font-size: .85em; }
`);
