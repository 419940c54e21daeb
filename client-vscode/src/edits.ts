// What a file looks like with a proposal in it, wherever the target has moved meanwhile.
import type { Position, Range } from "vscode-languageclient";
import type { Edit, SolveResult, TextChange } from "./protocol";

export type Preview = { kind: "fits"; before: string; after: string; line: number } | { kind: "changed" };

/** The choices of a proposal in order: the candidate, then its alternatives. */
export function choices(result: SolveResult): { model: string; code: string; differsOn: string | undefined }[] {
  const first = result.candidate ? [{ ...result.candidate, differs_on: null }] : [];
  return [...first, ...result.alternatives].map(({ model, code, differs_on }) => ({ model, code, differsOn: differs_on ?? undefined }));
}

/** The text with the proposal in it; `changed` when the target is no longer what it was, or stands there more than once. */
export function preview(current: string, edit: Edit, choice: { code: string; isFirst: boolean }): Preview {
  const text = withLf(current);
  const before = withLf(edit.before);
  const start = targetStart(text, before, edit.range);
  if (start === undefined) {
    return { kind: "changed" };
  }
  const code = withLf(choice.isFirst ? edit.newText : choice.code);
  const changed = text.slice(0, start) + code + text.slice(start + before.length);
  const imports = choice.isFirst ? edit.imports : null;
  const after = imports && isBefore(imports.range.end, edit.range.start) ? replaced(changed, imports) : changed;
  return { kind: "fits", before: text, after, line: lineOf(after, start + after.length - changed.length) };
}

function targetStart(text: string, before: string, range: Range): number | undefined {
  const usual = offsetAt(text, range.start);
  if (text.startsWith(before, usual)) {
    return usual;
  }
  const first = text.indexOf(before);
  return first >= 0 && first === text.lastIndexOf(before) ? first : undefined;
}

function replaced(text: string, change: TextChange): string {
  return text.slice(0, offsetAt(text, change.range.start)) + withLf(change.newText) + text.slice(offsetAt(text, change.range.end));
}

/** Positions count UTF-16 units, as JavaScript's strings do. */
export function offsetAt(text: string, { line, character }: Position): number {
  let offset = 0;
  for (let n = 0; n < line; n++) {
    const end = text.indexOf("\n", offset);
    if (end < 0) {
      return text.length;
    }
    offset = end + 1;
  }
  const end = text.indexOf("\n", offset);
  return Math.min(offset + character, end < 0 ? text.length : end);
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length - 1;
}

function isBefore(a: Position, b: Position): boolean {
  return a.line < b.line || (a.line === b.line && a.character <= b.character);
}

function withLf(text: string): string {
  return text.replaceAll("\r\n", "\n");
}
