/** If, Loop and Scan: bodies are graphs of their own. */
import { ModelkeepError } from "../../../../base/error/index.ts";
import { tensorType } from "../../graph.ts";
import type { Dim, ValueType } from "../../graph.ts";
import { asTensor } from "../abstract.ts";
import type { Abstract, Out } from "../abstract.ts";
import type { NodeView, Rule, Rules } from "../node-view.ts";
import { agree } from "./shape.ts";

/** Loops with a known count up to this are followed round by round, so that what grows in them is seen growing. */
const maxUnrolled = 64;

/** Counts beyond this are how exporters write "while": the condition ends the loop. */
const countless = 2 ** 31 - 1;

const conditional: Rule = (n) => {
  const condition = n.elements(0)?.[0];
  const [yes, no] = branches(n);
  if (yes.length !== no.length) n.fail(`its branches have ${yes.length} and ${no.length} outputs`);
  if (typeof condition === "number") return condition === 0 ? no : yes;
  return yes.map((one, i) => either(n, one, no[i]!));
};

/**
 * Both branches, even when the condition is known: a runtime computes the constants of both. One whose shapes contradict each other
 * can never be taken (exporters leave branches for other ranks behind), so the other one is what happens.
 */
function branches(n: NodeView): readonly [readonly Abstract[], readonly Abstract[]] {
  const [yes, no] = [attempt(n, "then_branch"), attempt(n, "else_branch")];
  if (yes instanceof ModelkeepError && no instanceof ModelkeepError) throw yes;
  if (yes instanceof ModelkeepError) return [no as readonly Abstract[], no as readonly Abstract[]];
  return no instanceof ModelkeepError ? [yes, yes] : [yes, no];
}

function attempt(n: NodeView, branch: string): readonly Abstract[] | ModelkeepError {
  try {
    return n.host.body(n.graph(branch), [], 1);
  } catch (error) {
    if (error instanceof ModelkeepError && error.code === "onnx/bad-shape") return error;
    throw error;
  }
}

/** What holds whichever of two values it is. */
function either(n: NodeView, a: Abstract, b: Abstract): Out {
  const [p, q] = [asTensor(a), asTensor(b)];
  if (p === undefined || q === undefined) return { type: p === q ? a.type : undefined };
  if (p.elementType !== q.elementType) n.fail(`its branches give ${p.elementType} and ${q.elementType}`);
  const sameRank = p.dims !== undefined && q.dims !== undefined && p.dims.length === q.dims.length;
  const dims = sameRank ? p.dims!.map((dim, i) => eitherDim(n, dim, q.dims![i]!)) : undefined;
  const same = a.elements !== undefined && b.elements?.length === a.elements.length;
  const elements = same ? a.elements!.map((value, i) => (value === b.elements![i] ? value : null)) : undefined;
  return { elementType: p.elementType, dims, elements };
}

const eitherDim = (n: NodeView, a: Dim, b: Dim): Dim => (a === b ? a : a === null || b === null ? null : n.fresh([a, b]));

const scalar = (elementType: "int64" | "bool", value: Dim): Abstract => ({
  type: tensorType(elementType, []),
  elements: [value],
  constant: false,
});

const loop: Rule = (n) => {
  const body = n.graph("body");
  const first = n.inputs.slice(2).map((value) => value ?? { constant: false });
  const most = n.has(0) ? (n.elements(0)?.[0] ?? null) : countless;
  const starts = n.has(1) ? (n.elements(1)?.[0] ?? null) : 1;
  const general = settle(n, first.map(withoutElements));
  const goesOn = n.host.peek(body, [scalar("int64", null), scalar("bool", 1), ...general])[0]?.elements?.[0] === 1;
  const exact = typeof most === "number" && starts === 1 && goesOn ? Math.max(0, most) : undefined;
  if (exact !== undefined && exact <= maxUnrolled) return unroll(n, first, exact);
  const bound = exact ?? (typeof most === "number" && most < countless ? Math.max(0, most) : undefined);
  if (bound === undefined) n.host.unbounded(n.node, "how often it runs depends on data");
  const outputs = n.host.body(body, [scalar("int64", null), scalar("bool", 1), ...general], bound).slice(1);
  const rounds = exact ?? (bound === undefined ? n.fresh() : n.fresh([bound]));
  // What leaves is what the body gives; of tensors, what holds in every round.
  const final = (out: Abstract, i: number): Out =>
    asTensor(general[i]) === undefined ? { type: out.type } : { type: general[i]!.type };
  return outputs.map((out, i) => (i < first.length ? final(out, i) : stacked(out, rounds, 0)));
};

const withoutElements = ({ type }: Abstract): Abstract => ({ type, constant: false });

/** Types of the carried values that hold in every round: what changes from round to round is forgotten. */
function settle(n: NodeView, carried: readonly Abstract[]): readonly Abstract[] {
  let now = carried;
  for (let round = 0; round < 4; round++) {
    const next = n.host.peek(n.graph("body"), [scalar("int64", null), scalar("bool", 1), ...now]).slice(1);
    const merged = now.map((value, i) => ({ type: widen(value.type, next[i]?.type), constant: false }));
    if (merged.every(({ type }, i) => same(type, now[i]!.type))) return merged;
    now = merged;
  }
  return now.map(({ type }) => ({
    type: type?.kind === "tensor" ? tensorType(type.elementType) : type,
    constant: false,
  }));
}

function widen(a: ValueType | undefined, b: ValueType | undefined): ValueType | undefined {
  if (a?.kind !== "tensor" || b?.kind !== "tensor") return a;
  const sameRank = a.dims !== undefined && a.dims.length === b.dims?.length;
  return tensorType(a.elementType, sameRank ? a.dims!.map((dim, i) => (dim === b.dims![i] ? dim : null)) : undefined);
}

const same = (a: ValueType | undefined, b: ValueType | undefined): boolean => JSON.stringify(a) === JSON.stringify(b);

function unroll(n: NodeView, first: readonly Abstract[], rounds: number): readonly Out[] {
  const body = n.graph("body");
  let carried = first;
  let scans: readonly Abstract[] = [];
  for (let round = 0; round < rounds; round++) {
    const outputs = n.host.body(body, [scalar("int64", round), scalar("bool", 1), ...carried], 1);
    carried = outputs.slice(1, 1 + first.length);
    scans = outputs.slice(1 + first.length);
  }
  if (rounds === 0) scans = body.outputs.slice(1 + first.length).map(({ type }) => ({ type, constant: false }));
  return [...carried, ...scans.map((out) => stacked(out, rounds, 0))];
}

function stacked(out: Abstract, rounds: Dim, axis: number): Out {
  const type = asTensor(out);
  return {
    elementType: type?.elementType,
    dims: type?.dims?.toSpliced(axis < 0 ? type.dims.length + 1 + axis : axis, 0, rounds),
  };
}

const scan: Rule = (n) => {
  if (n.opset < 9) return [];
  const body = n.graph("body");
  const scanned = n.int("num_scan_inputs", 0);
  const states = n.inputs.length - scanned;
  if (scanned < 1 || states < 0) n.fail(`scans ${scanned} of ${n.inputs.length} inputs`);
  const inputAxes = n.ints("scan_input_axes", []);
  const outputAxes = n.ints("scan_output_axes", []);
  let length: Dim = null;
  const slices = n.inputs.slice(states).map((input, i): Abstract => {
    const type = asTensor(input);
    if (type?.dims === undefined) return { constant: false };
    const axis = n.axis(inputAxes[i] ?? 0, type.dims.length);
    length = agree(n, length, type.dims[axis]!);
    return { type: tensorType(type.elementType, type.dims.toSpliced(axis, 1)), constant: false };
  });
  const initial = n.inputs.slice(0, states).map((value) => withoutElements(value ?? { constant: false }));
  const rounds = length as Dim;
  if (rounds === null) n.host.unbounded(n.node, "the length it scans is not known");
  const outputs = n.host.body(body, [...initial, ...slices], typeof rounds === "number" ? rounds : undefined);
  return outputs.map((out, i) =>
    i < states ? { type: initial[i]!.type ?? out.type } : stacked(out, rounds, outputAxes[i - states] ?? 0),
  );
};

export const control: Rules = { If: conditional, Loop: loop, Scan: scan };
