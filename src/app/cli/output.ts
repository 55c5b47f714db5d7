/**
 * All that a command prints, in one place. Data goes to standard output, everything else to standard error; under `--json` standard
 * output carries JSON only. Colour only on a terminal that wants it. Text from outside is escaped before it reaches a terminal.
 */
import { styleText } from "node:util";
import { escapeText, isModelkeepError, toModelkeepError } from "../../base/error/index.ts";

export interface Output {
  readonly json: boolean;
  /** Data for people, already safe to print; nothing under `--json`. */
  text(line: string): void;
  /** A whole document in a format that was asked for, whatever it is. Its writer has escaped what it holds. */
  raw(text: string): void;
  /** Data for machines; nothing without `--json`. One line. */
  value(value: unknown): void;
  /** Rows for people, the same rows as JSON for machines. */
  table<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): void;
  /** A message on standard error. */
  note(line: string): void;
  error(error: unknown): void;
}

export interface Column<Row> {
  readonly title: string;
  readonly of: (row: Row) => unknown;
}

export interface Streams {
  readonly stdout: { write(text: string): unknown; readonly isTTY?: boolean | undefined };
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean | undefined };
  readonly env: Readonly<Record<string, string | undefined>>;
}

export function createOutput({ stdout, stderr, env }: Streams, json: boolean): Output {
  const coloured = stderr.isTTY === true && (env["NO_COLOR"] ?? "") === "";
  const paint = (style: "red" | "cyan", text: string): string =>
    coloured ? styleText(style, text, { validateStream: false }) : text;
  const note = (line: string): void => void stderr.write(`${line}\n`);
  return {
    json,
    note,
    text: (line) => json || stdout.write(`${line}\n`),
    raw: (text) => void stdout.write(text),
    value: (value) => json && stdout.write(`${jsonText(value)}\n`),
    table(rows, columns) {
      if (json) stdout.write(`${jsonText(rows)}\n`);
      else stdout.write(layout(rows, columns));
    },
    error(cause) {
      const error = toModelkeepError(cause);
      if (json) note(jsonText({ error: { ...error.toJSON(), exit: error.exit } }));
      else {
        note(`${paint("red", "error:")} ${error.message} (${error.code})`);
        if (error.hint !== undefined) note(`${paint("cyan", "hint:")} ${error.hint}`);
      }
      // Unforeseen, at the user's own terminal: the cause is theirs to see; the stack only when they ask for it.
      if (!isModelkeepError(cause))
        note(
          env["MODELKEEP_DEBUG"] === undefined
            ? `cause: ${escapeText(String(cause), 500)}`
            : String((cause as Error)?.stack ?? cause),
        );
    },
  };
}

/** A value as JSON in which every character that a terminal could act on is escaped: it parses to the same value. */
export function jsonText(value: unknown, indent?: number): string {
  const lines = (JSON.stringify(value, null, indent) ?? "null").split("\n"); // JSON has line ends between values only
  return lines.map((line) => escapeText(line, Infinity)).join("\n");
}

/** A value as a cell: escaped, times without their milliseconds, nothing as a dash. */
export function cell(value: unknown): string {
  if (value === null || value === undefined || value === "") return "–";
  if (Array.isArray(value)) return value.length === 0 ? "–" : value.map(cell).join(",");
  const text = typeof value === "object" ? JSON.stringify(value) : String(value as string);
  return escapeText(/^\d{4}-\d\d-\d\dT[\d:]+\.\d{3}Z$/.test(text) ? `${text.slice(0, 19)}Z` : text, 120);
}

function layout<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const lines = [columns.map(({ title }) => title), ...rows.map((row) => columns.map(({ of }) => cell(of(row))))];
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => line[at]!.length)));
  return lines
    .map(
      (line) =>
        `${line
          .map((text, at) => text.padEnd(widths[at]!))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}

/** `12.5 %`. */
export const percent = (value: number): string => `${Number((100 * value).toFixed(1))} %`;
