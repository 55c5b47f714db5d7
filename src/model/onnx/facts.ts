/**
 * What ONNX defines of each operator, by version: arity, types, attributes. From the generated `operators.gen.ts`, one line each:
 * `domain|op|since|min,max inputs|min,max outputs|inputs|outputs|type variables|attributes|flags`, where an input is `name`, then `?` for
 * optional, `*` for any number of one type or `+` of any types, then `:` and a type variable or `=type`; an attribute is
 * `name:kind=default`, `!` marking those that must be given.
 */
import type { AttributeKind } from "./graph.ts";
import { operatorLines, typeSets } from "./operators.gen.ts";

export { newestMlOpset, newestOpset } from "./operators.gen.ts";

/** A formal input or output. */
export interface Formal {
  readonly name: string;
  readonly option: "single" | "optional" | "variadic";
  /** For variadic ones: whether all have the same type. */
  readonly homogeneous: boolean;
  /** Type variable shared with other inputs and outputs; undefined when the type is fixed. */
  readonly variable: string | undefined;
  /** Types it may have: element types for tensors, `seq(float32)`, `map(int64,tensor(float))`, `optional(…)`. */
  readonly types: ReadonlySet<string>;
}

/** The definition of one attribute. */
export interface AttributeFacts {
  readonly kind: AttributeKind;
  readonly required: boolean;
  readonly fallback: number | string | readonly (number | string)[] | undefined;
}

/** One operator in one version. */
export interface OperatorFacts {
  readonly domain: string;
  readonly op: string;
  readonly since: number;
  readonly inputs: readonly Formal[];
  readonly outputs: readonly Formal[];
  readonly arity: { readonly inputs: readonly [number, number]; readonly outputs: readonly [number, number] };
  readonly attributes: ReadonlyMap<string, AttributeFacts>;
  readonly deprecated: boolean;
  /** ONNX defines the operator by a function body as well. */
  readonly hasFunction: boolean;
}

let lines: Map<string, readonly { readonly since: number; readonly line: string }[]> | undefined;
const parsed = new Map<string, OperatorFacts>();

function index(): NonNullable<typeof lines> {
  if (lines !== undefined) return lines;
  const found = new Map<string, { since: number; line: string }[]>();
  for (const line of operatorLines.trim().split("\n")) {
    const [domain, op, since] = line.split("|", 3);
    const key = `${domain}|${op}`;
    const versions = found.get(key);
    if (versions === undefined) found.set(key, [{ since: Number(since), line }]);
    else versions.push({ since: Number(since), line });
  }
  return (lines = found);
}

/**
 * The definition of an operator that holds in a version of its domain, undefined when there is none.
 * @example
 * factsOf({ op: "Conv", domain: "", opset: 17 })?.since; // 11
 */
export function factsOf({
  op,
  domain,
  opset,
}: {
  readonly op: string;
  readonly domain: string;
  readonly opset: number;
}): OperatorFacts | undefined {
  const version = index()
    .get(`${domain}|${op}`)
    ?.findLast(({ since }) => since <= opset);
  if (version === undefined) return undefined;
  let facts = parsed.get(version.line);
  if (facts === undefined) parsed.set(version.line, (facts = parse(version.line)));
  return facts;
}

/** All operators, each with the versions at which its definition changed, oldest first. */
export function allOperators(): readonly {
  readonly domain: string;
  readonly op: string;
  readonly versions: readonly number[];
}[] {
  return [...index()].map(([key, versions]) => {
    const [domain = "", op = ""] = key.split("|");
    return { domain, op, versions: versions.map(({ since }) => since) };
  });
}

function parse(line: string): OperatorFacts {
  const [domain = "", op = "", since, inArity, outArity, inputs, outputs, variables, attributes, flags = ""] = line.split("|");
  const sets = new Map(split(variables, ";").map((pair) => pair.split("=") as [string, string]));
  return {
    domain,
    op,
    since: Number(since),
    inputs: split(inputs, ";").map((text) => formal(text, sets)),
    outputs: split(outputs, ";").map((text) => formal(text, sets)),
    arity: { inputs: bounds(inArity), outputs: bounds(outArity) },
    attributes: new Map(split(attributes, "\t").map(attribute)),
    deprecated: flags.includes("deprecated"),
    hasFunction: flags.includes("function"),
  };
}

const split = (text: string | undefined, by: string): string[] => (text === undefined || text === "" ? [] : text.split(by));

function bounds(text: string | undefined): readonly [number, number] {
  const [min, max] = split(text, ",");
  return [Number(min), max === "*" ? Infinity : Number(max)];
}

function formal(text: string, sets: ReadonlyMap<string, string>): Formal {
  const colon = text.indexOf(":");
  const mark = text[colon - 1]!;
  const option = mark === "?" ? "optional" : mark === "*" || mark === "+" ? "variadic" : "single";
  const type = text.slice(colon + 1);
  const fixed = type.startsWith("=");
  return {
    name: text.slice(0, option === "single" ? colon : colon - 1),
    option,
    homogeneous: mark !== "+",
    variable: fixed ? undefined : type,
    types: fixed ? new Set([type.slice(1)]) : typeSet(Number(sets.get(type))),
  };
}

const setCache = new Map<number, ReadonlySet<string>>();

function typeSet(number: number): ReadonlySet<string> {
  let set = setCache.get(number);
  if (set === undefined) setCache.set(number, (set = new Set(typeSets[number]!.split(" "))));
  return set;
}

function attribute(text: string): [string, AttributeFacts] {
  const [, name = "", required, kind, , fallback] = /^([^:!]+)(!?):(\w+)(=(.*))?$/.exec(text) ?? [];
  return [
    name,
    {
      kind: kind as AttributeKind,
      required: required === "!",
      fallback: fallback === undefined ? undefined : (JSON.parse(fallback) as AttributeFacts["fallback"]),
    },
  ];
}
