import type { YamlNode } from "../node.ts";
import { decline, endLine, greater, skipSpaces } from "./reading.ts";
import type { QuickReading } from "./reading.ts";

interface Line {
  /** Where its text begins and ends; equal for an empty line. */
  readonly start: number;
  readonly end: number;
}

/**
 * `|` or `>` at `at`, which is left at the line after it. Declined: an indentation indicator, a scalar that says nothing, spaces that
 * count (empty lines longer than the indentation, folded lines indented further).
 */
export function readBlockScalar(reading: QuickReading, parentIndent: number): YamlNode {
  const { text, at: start } = reading;
  const folded = text.charCodeAt(start) === greater;
  const chomp = text[start + 1];
  const chomped = chomp === "-" || chomp === "+";
  reading.at = chomped ? start + 2 : start + 1;
  endLine(reading);
  const { lines, lastContent, end } = linesOf(reading, parentIndent);
  const content = lines.slice(0, lastContent + 1);
  const value = folded ? fold(text, content) : content.map((line) => text.slice(line.start, line.end)).join("\n");
  reading.at = chomp === "+" ? end : lines[lastContent]!.end + 1;
  reading.at = Math.min(reading.at, text.length);
  const ending = chomp === "-" ? "" : chomp === "+" ? "\n".repeat(lines.length - lastContent) : "\n";
  return { kind: "scalar", value: value + ending, start, end: reading.at, anchored: false };
}

interface Body {
  readonly lines: readonly Line[];
  readonly lastContent: number;
  /** Start of the line that is no part of it. */
  readonly end: number;
}

function linesOf({ text, at }: QuickReading, parentIndent: number): Body {
  const lines: Line[] = [];
  let [indent, lastContent, widest] = [-1, -1, 0];
  let line = at;
  while (line < text.length) {
    const start = skipSpaces(text, line);
    const found = text.indexOf("\n", start);
    const end = found < 0 ? text.length : found;
    if (start === end) {
      if (found < 0) decline();
      widest = Math.max(widest, end - line);
      lines.push({ start, end });
    } else {
      if (start - line <= (indent < 0 ? parentIndent : indent - 1)) break;
      if (indent < 0) indent = start - line;
      lastContent = lines.length;
      lines.push({ start: line + indent, end });
    }
    line = end + 1;
  }
  if (indent < 0 || widest > indent) decline();
  return { lines, lastContent, end: line };
}

/** Single newlines become spaces, each further one stays (https://yaml.org/spec/1.2.2/#65-line-folding). */
function fold(text: string, lines: readonly Line[]): string {
  let folded = "";
  let between = "";
  for (const { start, end } of lines) {
    if (start === end) {
      if (between === " ") between = "\n";
      else folded += "\n";
      continue;
    }
    if (text.startsWith(" ", start)) decline();
    folded += between + text.slice(start, end);
    between = " ";
  }
  return folded;
}
