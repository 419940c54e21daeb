import assert from "node:assert/strict";
import { test } from "node:test";
import { decide, isCompatible, pathFrom, programFrom, type Finding } from "../src/locate";

const found = (origin: Finding["origin"], version = "0.1.0"): Finding => ({ kind: "found", origin, command: `/${origin}`, version });
const absent = (origin: Finding["origin"]): Finding => ({ kind: "absent", origin });
const without = (origin: Finding["origin"]): Finding => ({ kind: "no-perforch", origin, command: `/${origin}`, said: "No module named perforch" });

for (const [what, findings, expected] of [
  ["the setting comes first", [found("setting"), found("python-extension")], "setting"],
  ["then the Python extension's interpreter", [absent("setting"), found("python-extension"), found("path")], "python-extension"],
  ["an interpreter without perforch is passed over", [absent("setting"), without("python-extension"), found("path")], "path"],
  ["a perforch of another version is passed over", [absent("setting"), found("path", "0.2.0"), found("managed")], "managed"],
] as const) {
  test(what, () => {
    const decision = decide(findings, "0.1.3");
    assert.equal(decision.kind === "use" && decision.origin, expected);
  });
}

test("where nothing fits, an environment is made", () => {
  assert.deepEqual(decide([absent("setting"), without("python-extension"), absent("path"), without("managed")], "0.1.0"), { kind: "set-up" });
});

for (const [what, finding, words] of [
  ["cannot run perforch", without("setting"), /\/setting, cannot run perforch: No module named perforch\. Install perforch 0\.1\.0/],
  ["has another version", found("setting", "0.2.0"), /has perforch 0\.2\.0, and this extension needs 0\.1\.0/],
] as const) {
  test(`a setting that ${what} is explained, and never passed over`, () => {
    const decision = decide([finding, found("path")], "0.1.0");
    assert.equal(decision.kind, "refusal");
    assert.match(decision.text, words);
    assert.equal(decision.button.title, "Open Settings");
  });
}

test("an interpreter is started with -m, an executable by its name", () => {
  const launch = (finding: Finding): unknown => {
    const decision = decide([finding], "0.1.0");
    return decision.kind === "use" && [decision.launch.command, ...decision.launch.args].join(" ");
  };
  assert.equal(launch(found("managed")), "/managed -P -m perforch serve --stdio");
  assert.equal(launch(found("path")), "/path serve --stdio");
});

test("versions are compatible up to the number that may break", () => {
  assert.deepEqual([["0.1.9", "0.1.0"], ["0.2.0", "0.1.0"], ["1.4.0", "1.0.0"], ["2.0.0", "1.0.0"], ["rubbish", "0.1.0"]].map(([a = "", b = ""]) => isCompatible(a, b)), [true, false, true, false, false]);
});

for (const [what, text, expected] of [
  ["a relative path counts from the first folder", ".venv/bin/python", "/home/ada/shop/.venv/bin/python"],
  ["the folder may be named", "${workspaceFolder}/.venv/bin/python", "/home/ada/shop/.venv/bin/python"],
  ["a whole path stays", "/usr/bin/python3", "/usr/bin/python3"],
  ["a bare name is for the PATH", "python3", "python3"],
  ["nothing stays nothing", "", ""],
] as const) {
  test(what, () => { assert.equal(programFrom("/home/ada/shop", text), expected); });
}

test("a bare name of a folder counts from the first folder, too", () => { assert.equal(pathFrom("/home/ada/shop", "wheels"), "/home/ada/shop/wheels"); });

test("without a folder a setting stays as it is", () => { assert.equal(programFrom(undefined, "a/python"), "a/python"); });
