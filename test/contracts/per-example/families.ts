/** Small models that use parameters in one way each, with shapes drawn by fast-check. */
import fc from "fast-check";
import { GraphBuilder, tensorOf } from "../../../src/model/onnx/index.ts";
import type { Dim, Model, Tensor } from "../../../src/model/onnx/index.ts";
import { seeded } from "../gradient/compare.ts";
import type { Feeds } from "./truth.ts";

/** A model, and a batch for it. */
export interface Net {
  readonly model: Model;
  readonly x: Feeds;
  readonly note: string;
}

/** What a family builds with: a graph, and parameters of random numbers. */
interface Bench {
  readonly b: GraphBuilder;
  weight(name: string, dims: readonly number[], from?: number, to?: number): string;
  input(name: string, dims: readonly number[]): string;
  /** An input of int64 below a limit. */
  ids(name: string, dims: readonly number[], below: number): string;
}

type Build<Shape> = (bench: Bench, shape: Shape) => string;

/** A way to use parameters. */
export interface Family {
  readonly name: string;
  readonly nets: fc.Arbitrary<Net>;
}

const size = (max: number, min = 1): fc.Arbitrary<number> => fc.integer({ min, max });

function family<Shape extends object>(name: string, shape: fc.Arbitrary<Shape>, build: Build<Shape>, opset = 18): Family {
  const nets = fc.record({ shape, rows: size(5, 2), seed: fc.nat() }).map(({ shape: of, rows, seed }): Net => {
    const b = new GraphBuilder({ opsets: new Map([["", opset]]) });
    const random = seeded(seed);
    const feeds: Record<string, Tensor> = {};
    const draw = (dims: readonly number[], low: number, high: number): number[] =>
      Array.from({ length: dims.reduce((a, c) => a * c, 1) }, () => low + (high - low) * random());
    const symbolic = (dims: readonly number[]): Dim[] => ["N", ...dims];
    const y = build(
      {
        b,
        weight: (at, dims, low = -1, high = 1) => b.initializer(at, tensorOf("float32", dims, draw(dims, low, high))),
        input(at, dims) {
          feeds[at] = tensorOf("float32", [rows, ...dims], draw([rows, ...dims], -1.5, 1.5));
          return b.input(at, "float32", symbolic(dims));
        },
        ids(at, dims, below) {
          const values = draw([rows, ...dims], 0, below).map(Math.floor);
          feeds[at] = tensorOf("int64", [rows, ...dims], values);
          return b.input(at, "int64", symbolic(dims));
        },
      },
      of,
    );
    // Curved, so that gradients differ between examples.
    b.output(b.op("Tanh", [y]), "float32");
    return { model: b.model(), x: feeds, note: JSON.stringify({ ...of, rows, seed }) };
  });
  return { name, nets };
}

const relu = ({ b }: Bench, x: string): string => b.op("LeakyRelu", [x], { alpha: 0.2 });

export const families: readonly Family[] = [
  family("Gemm with bias", fc.record({ p: size(6), q: size(5), turned: fc.boolean() }), (n, { p, q, turned }) =>
    n.b.op("Gemm", [n.input("x", [p]), n.weight("w", turned ? [q, p] : [p, q]), n.weight("c", [q])], {
      transB: Number(turned),
      alpha: 0.7,
      beta: 1.3,
    }),
  ),
  family("MatMul over a sequence, and a bias", fc.record({ t: size(5), p: size(4), q: size(40) }), (n, { t, p, q }) =>
    n.b.op("Add", [n.b.op("MatMul", [n.input("x", [t, p]), n.weight("w", [p, q])]), n.weight("c", [q])]),
  ),
  family("MatMul from the left", fc.record({ t: size(4), p: size(4), q: size(3) }), (n, { t, p, q }) =>
    n.b.op("MatMul", [n.weight("w", [q, p]), n.input("x", [p, t])]),
  ),
  family("MatMul with a matrix for each head", fc.record({ h: size(3), t: size(3), p: size(3) }), (n, { h, t, p }) =>
    n.b.op("MatMul", [n.input("x", [h, t, p]), n.weight("w", [h, p, 2])]),
  ),
  family(
    "Conv in two dimensions",
    fc.record({
      inputs: size(3),
      outputs: size(3),
      group: size(2),
      kernel: size(3),
      stride: size(2),
      dilation: size(2),
      pad: size(2, 0),
    }),
    (n, { inputs, outputs, group, kernel, stride, dilation, pad }) =>
      n.b.op(
        "Conv",
        [
          n.input("x", [inputs * group, 6, 7]),
          n.weight("w", [outputs * group, inputs, kernel, 2]),
          n.weight("c", [outputs * group]),
        ],
        { group, kernel_shape: [kernel, 2], strides: [stride, 1], dilations: [dilation, 1], pads: [pad, 0, 1, 1] },
      ),
  ),
  family("Conv in one dimension", fc.record({ stride: size(3), kernel: size(3) }), (n, { stride, kernel }) =>
    n.b.op("Conv", [n.input("x", [9, 8]), n.weight("w", [4, 9, kernel])], { strides: [stride] }),
  ),
  family("ConvTranspose", fc.record({ group: size(2), stride: size(2), pad: size(1, 0) }), (n, { group, stride, pad }) =>
    n.b.op("ConvTranspose", [n.input("x", [2 * group, 4, 3]), n.weight("w", [2 * group, 2, 3, 3]), n.weight("c", [2 * group])], {
      group,
      strides: [stride, stride],
      pads: [pad, pad, pad, pad],
      output_padding: [stride - 1, 0],
    }),
  ),
  family("Gather as an embedding", fc.record({ t: fc.constantFrom(1, 4, 70), v: size(6) }), (n, { t, v }) =>
    n.b.op("Gather", [n.weight("w", [v, 3]), n.ids("i", [t], v)]),
  ),
  family("an embedding tied to the output layer", fc.record({ t: size(4), v: size(6, 2), d: size(3) }), (n, { t, v, d }) => {
    const w = n.weight("w", [v, d]);
    const h = n.b.op("Tanh", [n.b.op("Gather", [w, n.ids("i", [t], v)])]);
    return n.b.op("MatMul", [h, n.b.op("Transpose", [w], { perm: [1, 0] })]);
  }),
  family("a matrix used in two layers", fc.record({ t: size(3), p: size(4) }), (n, { t, p }) => {
    const w = n.weight("w", [p, p]);
    return n.b.op("MatMul", [relu(n, n.b.op("MatMul", [n.input("x", [t, p]), w])), w]);
  }),
  family("a kernel used twice", fc.record({ c: size(3) }), (n, { c }) => {
    const w = n.weight("w", [c, c, 3, 3]);
    const same = { pads: [1, 1, 1, 1] };
    return n.b.op("Conv", [relu(n, n.b.op("Conv", [n.input("x", [c, 4, 4]), w], same)), w], same);
  }),
  family("LayerNormalization", fc.record({ t: size(3), d: size(5, 2) }), (n, { t, d }) =>
    n.b.op("LayerNormalization", [n.input("x", [t, d]), n.weight("w", [d]), n.weight("c", [d])]),
  ),
  family(
    "GroupNormalization",
    fc.record({ groups: size(2), side: size(3) }),
    (n, { groups, side }) =>
      n.b.op("GroupNormalization", [n.input("x", [4, side, 2]), n.weight("w", [4]), n.weight("c", [4])], { num_groups: groups }),
    21,
  ),
  family("InstanceNormalization", fc.record({ side: size(3, 2) }), (n, { side }) =>
    n.b.op("InstanceNormalization", [n.input("x", [3, side, 2]), n.weight("w", [3]), n.weight("c", [3])]),
  ),
  family("BatchNormalization by stored statistics", fc.record({ side: size(3) }), (n, { side }) =>
    n.b.op("BatchNormalization", [
      n.input("x", [3, side, 2]),
      n.weight("w", [3]),
      n.weight("c", [3]),
      n.weight("m", [3]),
      n.weight("v", [3], 0.5, 2),
    ]),
  ),
  family(
    "RMSNormalization",
    fc.record({ d: size(4, 2) }),
    (n, { d }) => n.b.op("RMSNormalization", [n.input("x", [2, d]), n.weight("w", [d])]),
    23,
  ),
  family("PRelu and broadcast scales", fc.record({ c: size(3), t: size(3) }), (n, { c, t }) => {
    const x = n.b.op("PRelu", [n.input("x", [c, t]), n.weight("a", [c, 1])]);
    return n.b.op("Div", [
      n.b.op("Mul", [n.b.op("Sub", [x, n.weight("s", [1, c, t])]), n.weight("m", [t])]),
      n.weight("d", [c, 1], 1, 2),
    ]);
  }),
  family("a class token and positions", fc.record({ t: size(3), d: size(3) }), (n, { t, d }) => {
    const { b } = n;
    const x = n.input("x", [t, d]);
    const rows = b.op("Slice", [b.op("Shape", [x]), b.ints([0]), b.ints([1])]);
    const token = b.op("Expand", [n.weight("cls", [1, 1, d]), b.op("Concat", [rows, b.ints([1, d])], { axis: 0 })]);
    return b.op("Add", [b.op("Concat", [token, x], { axis: 1 }), n.weight("pos", [1, t + 1, d])]);
  }),
  family("attention", fc.record({ t: size(3), h: size(2) }), (n, { t, h }) => {
    const { b } = n;
    const x = n.input("x", [t, 2 * h]);
    const split = (y: string, perm: number[]): string =>
      b.op("Transpose", [b.op("Reshape", [y, b.ints([0, t, h, 2])])], { perm });
    const qkv = b.op("Add", [b.op("MatMul", [x, n.weight("qkv", [2 * h, 6 * h])]), n.weight("bias", [6 * h])]);
    const [q, k, v] = b.call({ op: "Split", inputs: [qkv], attributes: { axis: -1, num_outputs: 3 }, outputs: 3 });
    const shares = b.op("Softmax", [b.op("MatMul", [split(q!, [0, 2, 1, 3]), split(k!, [0, 2, 3, 1])])], { axis: -1 });
    const mixed = b.op("Transpose", [b.op("MatMul", [shares, split(v!, [0, 2, 1, 3])])], { perm: [0, 2, 1, 3] });
    return b.op("MatMul", [b.op("Reshape", [mixed, b.ints([0, t, 2 * h])]), n.weight("out", [2 * h, 2])]);
  }),
  family("attention with batch and heads in one axis, positions first", fc.record({ t: size(3), h: size(3) }), (n, { t, h }) => {
    const { b } = n;
    const width = 2 * h;
    const x = b.op("Transpose", [n.input("x", [t, width])], { perm: [1, 0, 2] });
    const heads = (name: string): string => {
      const y = b.op("Add", [b.op("MatMul", [x, n.weight(name, [width, width])]), n.weight(`${name}.bias`, [width])]);
      return b.op("Transpose", [b.op("Reshape", [y, b.ints([t, -1, 2])])], { perm: [1, 0, 2] });
    };
    const scores = b.op("MatMul", [heads("q"), b.op("Transpose", [heads("k")], { perm: [0, 2, 1] })]);
    const mask = b.constant(
      tensorOf(
        "float32",
        [1, t, t],
        Array.from({ length: t * t }, (_, i) => -0.1 * i),
      ),
    );
    const shares = b.op("Softmax", [b.op("Add", [scores, mask])], { axis: -1 });
    const mixed = b.op("Transpose", [b.op("MatMul", [shares, heads("v")])], { perm: [1, 0, 2] });
    const flat = b.op("Reshape", [mixed, b.ints([-1, width])]);
    const out = b.op("Gemm", [flat, n.weight("out", [2, width]), n.weight("out.bias", [2])], { transB: 1, alpha: 0.5 });
    return b.op("Transpose", [b.op("Reshape", [out, b.ints([t, -1, 2])])], { perm: [1, 0, 2] });
  }),
  family("a table of positions, read in one order for all", fc.record({ t: size(4), d: size(3) }), (n, { t, d }) => {
    const places = n.b.constant(
      tensorOf(
        "int64",
        [1, t],
        Array.from({ length: t }, (_, i) => (i * i) % 3),
      ),
    );
    return n.b.op("Add", [n.input("x", [t, d]), n.b.op("Gather", [n.weight("positions", [3, d]), places])]);
  }),
  ...(["LSTM", "GRU", "RNN"] as const).map((op) =>
    family(
      op,
      fc.record({ t: size(3), p: size(3), h: size(2), both: fc.boolean(), reset: fc.constantFrom(0, 1) }),
      (n, { t, p, h, both, reset }) => {
        const gates = { LSTM: 4, GRU: 3, RNN: 1 }[op];
        const sides = both ? 2 : 1;
        const x = n.b.op("Transpose", [n.input("x", [t, p])], { perm: [1, 0, 2] });
        const parameters = [
          n.weight("w", [sides, gates * h, p]),
          n.weight("r", [sides, gates * h, h]),
          n.weight("b", [sides, 2 * gates * h]),
        ];
        const [y] = n.b.call({
          op,
          inputs: [x, ...parameters],
          attributes: {
            hidden_size: h,
            direction: both ? "bidirectional" : "forward",
            ...(op === "GRU" ? { linear_before_reset: reset } : {}),
          },
          outputs: 2,
        });
        return n.b.op("Transpose", [y!], { perm: [2, 0, 1, 3] });
      },
    ),
  ),
  family("a fused matrix cut into parts", fc.record({ p: size(3), q: size(3) }), (n, { p, q }) => {
    const [left, right] = n.b.call({
      op: "Split",
      inputs: [n.weight("w", [p, 2 * q])],
      attributes: { axis: 1, num_outputs: 2 },
      outputs: 2,
    });
    const x = n.input("x", [2, p]);
    return n.b.op("Mul", [n.b.op("Tanh", [n.b.op("MatMul", [x, left!])]), n.b.op("MatMul", [x, right!])]);
  }),
  family("a weight that is scaled before it is used", fc.record({ p: size(3), q: size(3) }), (n, { p, q }) =>
    n.b.op("MatMul", [n.input("x", [2, p]), n.b.op("Mul", [n.weight("v", [p, q]), n.b.op("Tanh", [n.weight("g", [q])])])]),
  ),
  family("Einsum", fc.record({ t: size(3), h: size(2), d: size(3) }), (n, { t, h, d }) =>
    n.b.op("Einsum", [n.input("x", [t, d]), n.weight("w", [h, d, 2])], { equation: "btd,hdk->bhtk" }),
  ),
  family("parts cut out by slices", fc.record({ p: size(4, 2) }), (n, { p }) => {
    const w = n.weight("w", [p + 1, 3]);
    const rows = (from: number, to: number): string => n.b.op("Slice", [w, n.b.ints([from]), n.b.ints([to]), n.b.ints([0])]);
    const x = n.input("x", [2, p]);
    // The two parts share all rows but one.
    return n.b.op("Mul", [n.b.op("MatMul", [x, rows(0, p)]), n.b.op("MatMul", [x, rows(1, p + 1)])]);
  }),
];
