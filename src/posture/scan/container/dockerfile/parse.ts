/**
 * Dockerfiles as BuildKit reads them: parser directives, continuations with comments in between, here-documents, flags, stages.
 * https://docs.docker.com/reference/dockerfile/
 */
import { malformed, refused } from "../../refuse.ts";

/** One instruction, in one piece. */
export interface Instruction {
  /** In capitals: `RUN`. */
  readonly name: string;
  /** `--from=build` and its like; a flag without a value has an empty one. */
  readonly flags: readonly (readonly [string, string])[];
  /** What follows the flags, continuations joined by a space; here-documents follow on lines of their own. */
  readonly text: string;
  /** 1-based line where it begins. */
  readonly line: number;
}

/** From one FROM to the next. */
export interface Stage {
  readonly name: string | undefined;
  /** The image as written. */
  readonly base: string;
  readonly line: number;
  readonly instructions: readonly Instruction[];
}

/** A Dockerfile. */
export interface Dockerfile {
  /** ARGs before the first FROM, with their defaults. */
  readonly globals: ReadonlyMap<string, string>;
  readonly stages: readonly Stage[];
}

const known = new Set(
  "ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL STOPSIGNAL USER VOLUME WORKDIR".split(
    " ",
  ),
);
const maxLines = 100_000;

/**
 * @throws `scan/malformed` for an unknown instruction, one before FROM, or a here-document without an end; `scan/refused` for size
 */
export function parseDockerfile(text: string): Dockerfile {
  const stages: { name: string | undefined; base: string; line: number; instructions: Instruction[] }[] = [];
  const globals = new Map<string, string>();
  for (const instruction of instructionsOf(text)) {
    if (instruction.name === "FROM") {
      const [base, as, name] = instruction.text.split(/\s+/);
      if (base === undefined || base === "") throw malformed("FROM names no image", `line ${instruction.line}`);
      stages.push({ base, name: as?.toLowerCase() === "as" ? name : undefined, line: instruction.line, instructions: [] });
    } else if (stages.length > 0) stages.at(-1)!.instructions.push(instruction);
    else if (instruction.name === "ARG") for (const [key, value] of pairsOf(instruction.text)) globals.set(key, value);
    else throw malformed(`${instruction.name} comes before FROM`, `line ${instruction.line}`);
  }
  if (stages.length === 0) throw malformed("there is no FROM");
  return { globals, stages };
}

function* instructionsOf(text: string): Generator<Instruction> {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  if (lines.length > maxLines) throw refused(`it has more than ${maxLines} lines`);
  const escape = /^#\s*escape\s*=\s*`/im.test(lines.slice(0, 5).join("\n")) ? "`" : "\\";
  for (let i = 0; i < lines.length; i++) {
    if (/^\s*(?:#|$)/.test(lines[i]!)) continue;
    const line = i + 1;
    const pieces: string[] = [];
    for (;;) {
      const piece = (lines[i] ?? "").trimEnd();
      if (pieces.length > 0 && /^\s*(?:#|$)/.test(piece)) {
        if (++i >= lines.length) break;
        continue;
      }
      if (!piece.endsWith(escape)) {
        pieces.push(piece.trim());
        break;
      }
      pieces.push(piece.slice(0, -1).trim());
      if (++i >= lines.length) break;
    }
    const joined = pieces.join(" ").trim();
    const [, name = "", rest = ""] = /^(\S+)\s*(.*)$/s.exec(joined) ?? [];
    const upper = name.toUpperCase();
    if (!known.has(upper)) throw malformed(`no instruction is called ${name.slice(0, 40)}`, `line ${line}`);
    const documents = ["RUN", "COPY", "ADD"].includes(upper) ? hereDocuments(rest) : [];
    const bodies: string[] = [];
    for (const end of documents) {
      const from = ++i;
      while (i < lines.length && lines[i]!.replace(/^\t+/, "") !== end) i++;
      if (i >= lines.length) throw malformed(`the here-document ${end} has no end`, `line ${line}`);
      bodies.push(...lines.slice(from, i));
    }
    yield instructionOf({ name: upper, rest: [rest, ...bodies].join("\n"), line });
  }
}

function hereDocuments(text: string): string[] {
  return [...text.matchAll(/<<-?(["']?)([A-Za-z_]\w*)\1/g)].map(([, , end]) => end!);
}

function instructionOf({ name, rest, line }: { name: string; rest: string; line: number }): Instruction {
  const flags: [string, string][] = [];
  let text = rest;
  for (;;) {
    const [whole, flag, value = ""] = /^--([a-z][\w-]*)(?:=(\S*))?(?:\s+|$)/.exec(text) ?? [];
    if (whole === undefined) break;
    flags.push([flag!, value]);
    text = text.slice(whole.length);
  }
  if (name !== "ONBUILD") return { name, flags, text, line };
  const inner = /^(\S+)\s*(.*)$/s.exec(text);
  return inner === null ? { name, flags, text, line } : instructionOf({ name: inner[1]!.toUpperCase(), rest: inner[2]!, line });
}

/** `A=1 B="two words"`, and the old form `A two words`. */
export function pairsOf(text: string): (readonly [string, string])[] {
  const pairs = [...text.matchAll(/([A-Za-z_][\w.-]*)=("(?:[^"\\]|\\.)*"|'[^']*'|\S*)/g)];
  if (pairs.length > 0) return pairs.map(([, key, value]) => [key!, value!.replace(/^(["'])(.*)\1$/s, "$2")]);
  const [key, ...rest] = text.trim().split(/\s+/);
  return key === undefined || key === "" ? [] : [[key, rest.join(" ")]];
}

/** Words of the exec form (`["a", "b"]`) or of the plain one. */
export function wordsIn(text: string): string[] {
  if (text.startsWith("[")) {
    try {
      const list: unknown = JSON.parse(text);
      if (Array.isArray(list)) return list.map(String);
    } catch {
      // BuildKit, too, then takes it for the plain form.
    }
  }
  return text.split(/\s+/).filter((word) => word !== "");
}

/** The commands of a RUN: its shell line or here-document, cut where a shell would begin another. */
export function commandsIn(text: string): string[] {
  const script = text.startsWith("[") ? wordsIn(text).join(" ") : text;
  return script
    .split(/&&|\|\||;|\n/)
    .map((command) => command.trim())
    .filter((command) => command !== "");
}

/** The image of a stage with the global ARGs put in; undefined where one has no default. */
export function baseOf({ globals }: Dockerfile, { base }: Stage): string | undefined {
  return filledIn(base, globals);
}

/** Text with `$NAME`, `${NAME}` and `${NAME:-default}` put in; undefined where one has no value. */
export function filledIn(text: string, values: ReadonlyMap<string, string>): string | undefined {
  let missing = false;
  const filled = text.replace(/\$\{?(\w+)(?::-([^}]*))?\}?/g, (_, name: string, fallback: string | undefined) => {
    const value = values.get(name) || fallback;
    if (value === undefined || value === "") missing = true;
    return value ?? "";
  });
  return missing ? undefined : filled;
}

/** What ARG and ENV of the stages have set in the end; a bare ARG takes the default from before the first FROM. */
export function valuesOf({ globals }: Dockerfile, stages: readonly Stage[]): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const { name, text } of stages.flatMap(({ instructions }) => instructions)) {
    if (name !== "ARG" && name !== "ENV") continue;
    for (const [key, value] of pairsOf(text)) values.set(key, value === "" && name === "ARG" ? (globals.get(key) ?? "") : value);
  }
  return values;
}

/** The stages that end up in the last image: itself and those that it is built upon. */
export function finalStages({ stages }: Dockerfile): Stage[] {
  const chain: Stage[] = [];
  for (let stage = stages.at(-1); stage !== undefined && !chain.includes(stage);) {
    chain.unshift(stage);
    const { base } = stage;
    stage = stages.find(({ name }) => name !== undefined && name.toLowerCase() === base.toLowerCase());
  }
  return chain;
}
