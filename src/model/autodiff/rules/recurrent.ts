/**
 * Recurrent layers, written out step by step: Hochreiter and Schmidhuber 1997 with peepholes (Gers 2000), Cho et al. 2014 (arXiv:1406.1078).
 * All inputs are multiplied at once, so that a step is one product with the state.
 */
import { tensorOf } from "../../onnx/index.ts";
import type { Tensor } from "../../onnx/index.ts";
import { defineLowering } from "../define.ts";
import type { NodeContext } from "../define.ts";
import type { Ops } from "../ops/index.ts";
import { range } from "../value.ts";
import type { Value } from "../value.ts";

type Activation = (x: Value) => Value;

/** One direction of a layer: everything a step needs. */
interface Layer {
  readonly op: Ops;
  readonly hidden: number;
  /** Input's share of all gates, bias included: one [batch, gates · hidden] per step. */
  readonly inputs: readonly Value[];
  /** [hidden, gates · hidden] */
  readonly recurrent: Value;
  /** Recurrent bias, [gates · hidden]. */
  readonly bias: Value | undefined;
  readonly activations: readonly Activation[];
  readonly peepholes: readonly (Value | undefined)[];
  readonly attrs: NodeContext["attrs"];
  clip(x: Value): Value;
}

/** The state before and after a step: h, and c for the LSTM. */
type State = readonly Value[];
type Step = (layer: Layer, input: Value, state: State) => State;

export const lstm = defineLowering("LSTM", (context) =>
  recurrent(context, { gates: 4, states: 2, defaults: ["Sigmoid", "Tanh", "Tanh"], step: lstmStep }),
);

export const gru = defineLowering("GRU", (context) =>
  recurrent(context, { gates: 3, states: 1, defaults: ["Sigmoid", "Tanh"], step: gruStep }),
);

export const rnn = defineLowering("RNN", (context) =>
  recurrent(context, { gates: 1, states: 1, defaults: ["Tanh"], step: rnnStep }),
);

function lstmStep({ op, hidden, recurrent, activations, peepholes, attrs, clip }: Layer, input: Value, [h, c]: State): State {
  const [f, g, last] = activations as [Activation, Activation, Activation];
  const gates = op.add(input, op.matMul(h!, recurrent));
  const [i, o, forget, cell] = op.split(gates, [hidden, hidden, hidden, hidden], -1) as [Value, Value, Value, Value];
  const peek = (x: Value, at: number, state: Value): Value =>
    peepholes[at] === undefined ? x : op.add(x, op.mul(peepholes[at], state));
  const open = f(clip(peek(i, 0, c!)));
  const kept = attrs.int("input_forget", 0) === 1 ? op.sub(1, open) : f(clip(peek(forget, 2, c!)));
  const next = op.add(op.mul(kept, c!), op.mul(open, g(clip(cell))));
  return [op.mul(f(clip(peek(o, 1, next))), last(next)), next];
}

function gruStep({ op, hidden, recurrent, bias, activations, attrs, clip }: Layer, input: Value, [h]: State): State {
  const [f, g] = activations as [Activation, Activation];
  const [update, reset, fresh] = op.split(input, [hidden, hidden, hidden], -1) as [Value, Value, Value];
  const columns = op.split(recurrent, [hidden, hidden, hidden], -1) as [Value, Value, Value];
  const z = f(clip(op.add(update, op.matMul(h!, columns[0]))));
  const r = f(clip(op.add(reset, op.matMul(h!, columns[1]))));
  const hiddenBias = bias && op.slice(bias, [{ axis: 0, start: 2 * hidden, end: 3 * hidden }]);
  const plus = (x: Value): Value => (hiddenBias === undefined ? x : op.add(x, hiddenBias));
  const memory =
    attrs.int("linear_before_reset", 0) === 1
      ? op.mul(r, plus(op.matMul(h!, columns[2])))
      : plus(op.matMul(op.mul(r, h!), columns[2]));
  const candidate = g(clip(op.add(fresh, memory)));
  return [op.add(op.mul(op.sub(1, z), candidate), op.mul(z, h!))];
}

function rnnStep({ op, recurrent, activations, clip }: Layer, input: Value, [h]: State): State {
  return [activations[0]!(clip(op.add(input, op.matMul(h!, recurrent))))];
}

interface Kind {
  readonly gates: number;
  readonly states: number;
  readonly defaults: readonly string[];
  readonly step: Step;
}

/** All directions of a layer: Y [steps, directions, batch, hidden], then the last states. */
function recurrent(context: NodeContext, kind: Kind): readonly Value[] {
  const { xs, op, attrs, refuse } = context;
  const byBatch = attrs.int("layout", 0) === 1;
  const x = byBatch ? op.transpose(xs[0]!, [1, 0, 2]) : xs[0]!;
  const steps = op.size(x, 0);
  if (typeof steps !== "number")
    throw refuse("its sequence length is not known", "give the model's inputs a fixed sequence length");
  const direction = attrs.string("direction", "forward");
  const directions = direction === "bidirectional" ? [false, true] : [direction === "reverse"];
  const sides = directions.map((backwards, at) =>
    oneDirection(context, kind, { x, steps, at, backwards, count: directions.length }),
  );
  const y = op.concat(
    sides.map(({ outputs }) => op.unsqueeze(stack(op, outputs), [1])),
    1,
  );
  const last = range(kind.states).map((state) =>
    stack(
      op,
      sides.map(({ state: states }) => states[state]!),
    ),
  );
  return byBatch ? [op.transpose(y, [2, 0, 1, 3]), ...last.map((value) => op.transpose(value, [1, 0, 2]))] : [y, ...last];
}

const stack = (op: Ops, values: readonly Value[]): Value =>
  op.concat(
    values.map((value) => op.unsqueeze(value, [0])),
    0,
  );

interface Side {
  readonly x: Value;
  readonly steps: number;
  /** Which of the directions. */
  readonly at: number;
  readonly count: number;
  readonly backwards: boolean;
}

function oneDirection(
  context: NodeContext,
  { gates, states, defaults, step }: Kind,
  side: Side,
): { readonly outputs: readonly Value[]; readonly state: State } {
  const { xs, op, attrs, refuse, scope } = context;
  const { steps, at, backwards } = side;
  const [, w, r, b, lengths] = xs as readonly (Value | undefined)[];
  const own = (value: Value | undefined): Value | undefined =>
    value && op.squeeze(op.slice(value, [{ axis: 0, start: at, end: at + 1 }]), [0]);
  const hidden = attrs.int("hidden_size", 0) || (op.size(r!, 2) as number);
  if (typeof hidden !== "number") throw refuse("its hidden size is not known");
  const x = backwards && lengths !== undefined ? reversed(context, side.x, lengths) : side.x;
  const [inputBias, recurrentBias] = own(b) === undefined ? [] : op.split(own(b)!, [gates * hidden, gates * hidden], 0);
  const projected = op.matMul(x, op.transpose(own(w)!, [1, 0]));
  const shift = inputBias && sharedBias(op, { inputBias, recurrentBias: recurrentBias!, gates, hidden });
  const parts = op.split(
    shift === undefined ? projected : op.add(projected, shift),
    range(steps).map(() => 1),
    0,
  );
  const layer: Layer = {
    op,
    hidden,
    inputs: parts.map((part) => op.squeeze(part, [0])),
    recurrent: op.transpose(own(r)!, [1, 0]),
    bias: recurrentBias,
    activations: activationsOf(context, defaults, at),
    peepholes: own(xs[7]) === undefined || gates !== 4 ? [] : op.split(own(xs[7])!, [hidden, hidden, hidden], 0),
    attrs,
    clip: (value) => (attrs.has("clip") ? op.max(op.min(value, attrs.float("clip", 0)), -attrs.float("clip", 0)) : value),
  };
  const zeros = op.full([op.size(x, 1), hidden], 0, x);
  const byBatch = attrs.int("layout", 0) === 1;
  const first = (index: number): Value =>
    xs[index] === undefined ? zeros : own(byBatch ? op.transpose(xs[index], [1, 0, 2]) : xs[index])!;
  let state: State = range(states).map((i) => first(5 + i));
  const outputs: Value[] = [];
  const order = backwards && lengths === undefined ? range(steps).toReversed() : range(steps);
  for (const [turn, place] of order.entries()) {
    const next = step(layer, layer.inputs[place]!, state);
    // Beyond an example's own length its state stands still and its output is zero.
    const running = lengths && op.unsqueeze(op.greater(lengths, scope.constant(intScalar(turn))), [1]);
    outputs[place] = running === undefined ? next[0]! : op.where(running, next[0]!, 0);
    state = running === undefined ? next : next.map((value, i) => op.where(running, value, state[i]!));
  }
  if (!backwards || lengths === undefined) return { outputs, state };
  const turned = reversed(context, stack(op, outputs), lengths);
  return {
    outputs: op
      .split(
        turned,
        range(steps).map(() => 1),
        0,
      )
      .map((value) => op.squeeze(value, [0])),
    state,
  };
}

const intScalar = (value: number): Tensor => tensorOf("int32", [], [value]);

/** Time reversed within each example's own length. */
function reversed({ op }: NodeContext, x: Value, lengths: Value): Value {
  const inputs = [x, op.cast(lengths, "int64")];
  return op.emit({ op: "ReverseSequence", inputs, outputs: [x], attributes: { time_axis: 0, batch_axis: 1 } })[0]!;
}

/** Both biases at once; the GRU's recurrent bias of the candidate stays apart, because the reset gate may multiply it. */
function sharedBias(
  op: Ops,
  {
    inputBias,
    recurrentBias,
    gates,
    hidden,
  }: { readonly inputBias: Value; readonly recurrentBias: Value; readonly gates: number; readonly hidden: number },
): Value {
  if (gates !== 3) return op.add(inputBias, recurrentBias);
  const both = op.slice(recurrentBias, [{ axis: 0, start: 0, end: 2 * hidden }]);
  return op.add(inputBias, op.pad(both, [0], [hidden]));
}

/** The direction's activations, with α and β taken in order by those that have any. */
function activationsOf({ op, attrs, refuse }: NodeContext, defaults: readonly string[], at: number): readonly Activation[] {
  const names = attrs.strings("activations") ?? [];
  const [alphas, betas] = [[...(attrs.floats("activation_alpha") ?? [])], [...(attrs.floats("activation_beta") ?? [])]];
  const take = (name: string): Activation => {
    const known = activationTable[name.toLowerCase()];
    if (known === undefined) throw refuse(`it uses the activation ${name}, which ONNX does not define`);
    const [alpha = known.alpha ?? 0, beta = known.beta ?? 0] = [
      known.alpha === undefined ? 0 : alphas.shift(),
      known.beta === undefined ? 0 : betas.shift(),
    ];
    return (x) => known.apply(op, x, alpha, beta);
  };
  const all = names.length === 0 ? [...defaults, ...defaults] : names;
  return all.map(take).slice(at * defaults.length, (at + 1) * defaults.length);
}

interface KnownActivation {
  /** Defaults; undefined when there is no such parameter. */
  readonly alpha?: number;
  readonly beta?: number;
  apply(op: Ops, x: Value, alpha: number, beta: number): Value;
}

/** Table of onnx/docs/Operators.md, LSTM. */
const activationTable: Readonly<Record<string, KnownActivation>> = {
  relu: { apply: (op, x) => op.relu(x) },
  tanh: { apply: (op, x) => op.tanh(x) },
  sigmoid: { apply: (op, x) => op.sigmoid(x) },
  affine: { alpha: 1, beta: 0, apply: (op, x, alpha, beta) => op.add(op.mul(x, alpha), beta) },
  leakyrelu: { alpha: 0.01, apply: (op, x, alpha) => op.where(op.greater(x, 0), x, op.mul(x, alpha)) },
  thresholdedrelu: { alpha: 1, apply: (op, x, alpha) => op.where(op.greater(x, alpha), x, 0) },
  scaledtanh: { alpha: 1, beta: 1, apply: (op, x, alpha, beta) => op.mul(op.tanh(op.mul(x, beta)), alpha) },
  hardsigmoid: { alpha: 0.2, beta: 0.5, apply: (op, x, alpha, beta) => op.max(op.min(op.add(op.mul(x, alpha), beta), 1), 0) },
  elu: { alpha: 1, apply: (op, x, alpha) => op.where(op.greater(x, 0), x, op.mul(op.sub(op.exp(x), 1), alpha)) },
  softsign: { apply: (op, x) => op.div(x, op.add(op.abs(x), 1)) },
  softplus: { apply: (op, x) => op.softplus(x) },
};
