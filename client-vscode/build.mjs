// Bundles the extension into out/main.js; with --tests, the unit tests into out/test/; with --release, small and without source map.
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const common = { bundle: true, platform: "node", target: "node20", logLevel: "warning", absWorkingDir: here };
const isRelease = process.argv.includes("--release");

if (process.argv.includes("--tests")) {
  const entryPoints = readdirSync(join(here, "test")).filter((name) => name.endsWith(".test.ts")).map((name) => join("test", name));
  await build({ ...common, entryPoints, outdir: "out/test", format: "esm", outExtension: { ".js": ".mjs" } });
} else {
  await build({
    ...common,
    entryPoints: ["src/main.ts"],
    outfile: "out/main.js",
    format: "cjs",
    external: ["vscode"],
    minify: isRelease,
    sourcemap: !isRelease,
  });
}
