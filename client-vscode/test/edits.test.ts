import assert from "node:assert/strict";
import { test } from "node:test";
import { choices, offsetAt, preview } from "../src/edits";
import { EDIT, PROPOSAL } from "./results";

const FILE = "x = 1\n\ndef f(n):\n    return n\n\ny = 2\n";
const FIRST = { code: "", isFirst: true };

test("a preview holds the proposal and its imports, and nothing else is different", () => {
  assert.deepEqual(preview(FILE, EDIT, FIRST), {
    kind: "fits",
    before: FILE,
    after: "import math\nx = 1\n\ndef f(n):\n    return n + 1\n\ny = 2\n",
    line: 3,
  });
});

test("an alternative takes the target's place without the imports of the candidate", () => {
  const shown = preview(FILE, EDIT, { code: "def f(n):\n    return 2 * n", isFirst: false });
  assert.equal(shown.kind === "fits" && shown.after, "x = 1\n\ndef f(n):\n    return 2 * n\n\ny = 2\n");
});

test("a target that has moved is found again", () => {
  const shown = preview(`# new\n# lines\n${FILE}`, EDIT, FIRST);
  assert.equal(shown.kind === "fits" && shown.line, 5);
});

for (const [what, text] of [
  ["changed", FILE.replace("return n", "return m")],
  ["deleted", "x = 1\n"],
  ["standing there twice, elsewhere", `${EDIT.before}\n\n\n\n\n${EDIT.before}`],
] as const) {
  test(`a target that is ${what} gets no preview`, () => {
    assert.deepEqual(preview(text, EDIT, FIRST), { kind: "changed" });
  });
}

test("the line endings of a file do not matter", () => {
  assert.deepEqual(preview(FILE.replaceAll("\n", "\r\n"), EDIT, FIRST), preview(FILE, EDIT, FIRST));
});

test("positions count UTF-16 units, and stop at the end of their line and of the text", () => {
  const text = "a\u{1f600}b\nc";
  const at = (line: number, character: number): number => offsetAt(text, { line, character });
  assert.deepEqual([at(0, 3), at(0, 99), at(1, 0), at(1, 5), at(7, 0)], [3, 4, 5, 6, 6]);
});

test("choices are the candidate and then its alternatives", () => {
  const alternatives = [{ model: "m", code: "c", differs_on: "f(0)" }];
  assert.deepEqual(
    choices({ ...PROPOSAL, alternatives }).map(({ model, differsOn }) => [model, differsOn]),
    [["builtin", undefined], ["m", "f(0)"]],
  );
});
