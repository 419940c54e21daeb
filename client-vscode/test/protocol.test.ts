import assert from "node:assert/strict";
import { test } from "node:test";
import { isPlace } from "../src/protocol";

const PLACE = { uri: "file:///a.py", position: { line: 1, character: 0 } };

test("a code action's argument is taken with and without a test", () => {
  assert.ok(isPlace(PLACE));
  assert.ok(isPlace({ ...PLACE, test: "tests/test_a.py::test_b" }));
});

for (const wrong of [undefined, null, "file:///a.py", {}, { uri: 1, position: PLACE.position }, { uri: "a" }, { uri: "a", position: {} }, { uri: "a", position: { line: "1", character: 0 } }, { ...PLACE, test: 3 }]) {
  test(`${JSON.stringify(wrong)} is not a place`, () => {
    assert.ok(!isPlace(wrong));
  });
}
