import fc from "fast-check";
import { tensorOf } from "../../../src/model/onnx/index.ts";
import type { AttributeInput } from "../../../src/model/onnx/index.ts";
import { between } from "./case.ts";
import type { CaseFamily, GradientCase } from "./case.ts";

const small = between(-0.7, 0.7);

interface Options {
  readonly direction: string;
  readonly bias: boolean;
  readonly initial: boolean;
  readonly lengths: boolean;
  readonly output: number;
  readonly peepholes: boolean;
  readonly linear: number;
  readonly activations: boolean;
}

const options = fc.record({
  direction: fc.constantFrom("forward", "reverse", "bidirectional"),
  bias: fc.boolean(),
  initial: fc.boolean(),
  lengths: fc.boolean(),
  output: fc.constantFrom(0, 1),
  peepholes: fc.boolean(),
  linear: fc.constantFrom(0, 1),
  activations: fc.boolean(),
});

function recurrent(op: "LSTM" | "GRU" | "RNN", o: Options): GradientCase {
  const [steps, batch, features, hidden] = [3, 2, 2, 2];
  const gates = { LSTM: 4, GRU: 3, RNN: 1 }[op];
  const d = o.direction === "bidirectional" ? 2 : 1;
  const cell = op === "LSTM";
  const shapes: (readonly number[] | undefined)[] = [
    [steps, batch, features],
    [d, gates * hidden, features],
    [d, gates * hidden, hidden],
    o.bias ? [d, 2 * gates * hidden] : undefined,
    undefined,
    o.initial ? [d, batch, hidden] : undefined,
    o.initial && cell ? [d, batch, hidden] : undefined,
    o.peepholes && cell ? [d, 3 * hidden] : undefined,
  ];
  const used = shapes.filter((dims) => dims !== undefined);
  const names = { LSTM: ["Sigmoid", "ScaledTanh", "Softplus"], GRU: ["Sigmoid", "ScaledTanh"], RNN: ["Affine"] }[op];
  const custom: Record<string, AttributeInput> = o.activations
    ? {
        activations: d === 2 ? [...names, ...names] : names,
        activation_alpha: Array.from({ length: d }, () => 0.3),
        activation_beta: Array.from({ length: d }, () => 0.6),
      }
    : {};
  return {
    inputs: used,
    samplers: [small],
    open: false,
    note: JSON.stringify(o),
    build: (b, xs) => {
      let next = 0;
      const inputs = shapes.map((dims, i) =>
        i === 4 && o.lengths ? b.constant(tensorOf("int32", [batch], [3, 2])) : dims === undefined ? undefined : xs[next++],
      );
      return b.call({
        op,
        inputs: inputs.slice(0, cell ? 8 : 6),
        attributes: {
          hidden_size: hidden,
          direction: o.direction,
          ...(op === "GRU" ? { linear_before_reset: o.linear } : {}),
          ...custom,
        },
        outputs: cell ? 3 : 2,
      })[o.output]!;
    },
  };
}

export const sequence: readonly CaseFamily[] = [
  ...(["LSTM", "GRU", "RNN"] as const).map((op): CaseFamily => ({ ops: [op], cases: options.map((o) => recurrent(op, o)) })),
  {
    ops: ["Attention"],
    cases: fc
      .record({
        flat: fc.boolean(),
        grouped: fc.boolean(),
        mask: fc.constantFrom("none", "bool", "float"),
        causal: fc.boolean(),
        softcap: fc.boolean(),
        past: fc.boolean(),
      })
      .map(({ flat, grouped, mask, causal, softcap, past }): GradientCase => {
        const [batch, heads, places, keys, size] = [1, 2, 3, 3, 2];
        const kv = grouped ? 1 : heads;
        const total = keys + (past && !flat ? 2 : 0);
        return {
          inputs: [
            flat ? [batch, places, heads * size] : [batch, heads, places, size],
            flat ? [batch, keys, kv * size] : [batch, kv, keys, size],
            flat ? [batch, keys, kv * size] : [batch, kv, keys, size],
            ...(mask === "float" ? [[places, total]] : []),
            ...(total > keys
              ? [
                  [batch, kv, 2, size],
                  [batch, kv, 2, size],
                ]
              : []),
          ],
          opset: 23,
          open: false,
          note: JSON.stringify({ flat, grouped, mask, causal, softcap, past }),
          build: (b, xs) => {
            const [q, k, v, ...rest] = xs;
            const bits = Array.from({ length: places * total }, (_, i) => (i % total === 0 || i % 3 !== 1 ? 1 : 0));
            const m =
              mask === "float" ? rest.shift() : mask === "bool" ? b.constant(tensorOf("bool", [places, total], bits)) : undefined;
            return b.call({
              op: "Attention",
              inputs: [q, k, v, m, ...rest],
              attributes: {
                ...(flat ? { q_num_heads: heads, kv_num_heads: kv } : {}),
                is_causal: causal ? 1 : 0,
                ...(softcap ? { softcap: 2 } : {}),
              },
              outputs: total > keys ? 3 : 1,
            })[0]!;
          },
        };
      }),
  },
  {
    ops: ["RotaryEmbedding"],
    cases: fc
      .record({ flat: fc.boolean(), interleaved: fc.constantFrom(0, 1), positions: fc.boolean() })
      .map(({ flat, interleaved, positions }): GradientCase => ({
        inputs: [flat ? [1, 3, 8] : [1, 2, 3, 4], positions ? [5, 2] : [1, 3, 2], positions ? [5, 2] : [1, 3, 2]],
        opset: 23,
        open: false,
        note: JSON.stringify({ flat, interleaved, positions }),
        build: (b, [x, cos, sin]) =>
          b.op("RotaryEmbedding", [x, cos, sin, positions ? b.constant(tensorOf("int64", [1, 3], [0, 2, 4])) : undefined], {
            interleaved,
            ...(flat ? { num_heads: 2 } : {}),
          }),
      })),
  },
];
