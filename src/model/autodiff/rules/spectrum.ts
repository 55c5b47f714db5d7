/** Fourier transforms: linear maps, whose transpose is the transform back without its scale. */
import { tensorOf } from "../../onnx/index.ts";
import { defineGradient, defineLowering } from "../define.ts";
import { axisOf, range } from "../value.ts";
import type { Size, Value } from "../value.ts";

/** y = F x has dx = F* g = n F⁻¹ g; of a real input, the real part of it. */
export const dft = defineGradient("DFT", ({ g, xs, op, attrs, scope, numbers, refuse }) => {
  const [x, length, axisInput] = xs as [Value, Value | undefined, Value | undefined];
  const rank = op.rank(x);
  const given = scope.opset >= 20 ? (axisInput === undefined ? [-2] : numbers(axisInput)) : [attrs.int("axis", 1)];
  if (given === undefined) throw refuse("its axis is only known when the model runs");
  const axis = axisOf(given[0]!, rank);
  if (length !== undefined && numbers(length)?.[0] !== op.size(x, axis))
    throw refuse("it cuts or fills up its input", "transform the whole axis");
  const inverse = attrs.int("inverse", 0) === 1;
  const axisValue = scope.opset >= 20 ? scope.constant(tensorOf("int64", [], [axis])) : undefined;
  if (inverse && attrs.int("onesided", 0) === 1) return [fromHalf()];
  const n: Size = op.size(x, axis);
  const whole = attrs.int("onesided", 0) === 1 ? filledUp(n) : g;
  const inputs = axisValue === undefined ? [whole] : [whole, undefined, axisValue];
  const attributes = { inverse: inverse ? 0 : 1, ...(scope.opset >= 20 ? {} : { axis }) };
  const back = op.emit({ op: "DFT", inputs, outputs: [{ type: x.type, dims: whole.dims }], attributes })[0]!;
  const count = op.countOf(x, [axis]);
  const scaled = inverse ? op.div(back, count) : op.mul(back, count);
  return [op.size(x, rank - 1) === 1 ? op.slice(scaled, [{ axis: rank - 1, start: 0, end: 1 }]) : scaled];

  /** A real signal from half of a spectrum: each inner bin stands for its mirror image too. */
  function fromHalf(): Value {
    const total = op.size(g, axis);
    if (typeof total !== "number") throw refuse("its length is not known", "give the model's inputs fixed shapes");
    const bins = Math.floor(total / 2) + 1;
    const attributes = { onesided: 1, ...(axisValue === undefined ? { axis } : {}) };
    const half = op.emit({
      op: "DFT",
      inputs: axisValue === undefined ? [g] : [g, undefined, axisValue],
      outputs: [x],
      attributes,
    })[0]!;
    const shares = range(bins).map((k) => (k === 0 || 2 * k === total ? 1 : 2) / total);
    return op.mul(half, scope.constant(tensorOf(x.type, [bins, ...range(rank - axis - 1).map(() => 1)], shares)));
  }

  /** The half that was not given out has no gradient. */
  function filledUp(total: Size): Value {
    const half = op.size(g, axis);
    if (typeof total !== "number" || typeof half !== "number")
      throw refuse("its length is not known", "give the model's inputs fixed shapes");
    return op.pad(
      g,
      range(rank).map(() => 0),
      range(rank).map((at) => (at === axis ? total - half : 0)),
    );
  }
});

/** Frames of the signal, each times the window, transformed by the matrix of cosines and sines. */
export const stft = defineLowering("STFT", ({ xs, op, scope, attrs, numbers, refuse }) => {
  const [signal, stepInput, window, lengthInput] = xs as [Value, Value, Value | undefined, Value | undefined];
  const step = numbers(stepInput)?.[0];
  const total = op.size(signal, 1);
  const length = lengthInput === undefined ? window && op.size(window, 0) : numbers(lengthInput)?.[0];
  if (step === undefined || typeof length !== "number" || typeof total !== "number")
    throw refuse("its frames are only known when the model runs", "give the model's inputs fixed shapes");
  if (op.rank(signal) === 3 && op.size(signal, 2) !== 1) throw refuse("complex signals have no rule");
  const frames = Math.floor((total - length) / step) + 1;
  const places = range(frames).flatMap((frame) => range(length).map((i) => frame * step + i));
  const flat = op.reshape(signal, [op.size(signal, 0), total]);
  const cut = op.gather(flat, scope.constant(tensorOf("int64", [frames, length], places)), 1);
  const weighted = window === undefined ? cut : op.mul(cut, window);
  const bins = attrs.int("onesided", 1) === 1 ? Math.floor(length / 2) + 1 : length;
  const matrix = (of: (angle: number) => number): Value =>
    scope.constant(
      tensorOf(
        signal.type,
        [length, bins],
        range(length).flatMap((i) => range(bins).map((k) => of((-2 * Math.PI * i * k) / length))),
      ),
    );
  const parts = [op.matMul(weighted, matrix(Math.cos)), op.matMul(weighted, matrix(Math.sin))];
  return [
    op.concat(
      parts.map((part) => op.unsqueeze(part, [3])),
      3,
    ),
  ];
});
