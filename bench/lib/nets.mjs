// Networks of well-known shapes with random weights, made by our own builder: what they cost does not depend on what they learned. Parameters
// have PyTorch's names, so that a peer can take the same ones.
import { GraphBuilder } from "../../dist/model/onnx/index.js";

/** Uniform numbers in [-1, 1), the same in every run. Marsaglia 2003, "Xorshift RNGs". */
export function numbers(seed) {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state / 2 ** 31;
  };
}

/** A float32 tensor of uniform numbers in [-scale, scale). */
export function randomTensor(next, dims, scale = 1) {
  const values = Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => next() * scale);
  return { type: "float32", dims, data: new Uint8Array(values.buffer) };
}

function layers(channels, size) {
  const b = new GraphBuilder();
  const next = numbers(channels * size);
  const weight = (name, dims) => {
    const fanIn = dims.slice(1).reduce((a, c) => a * c, 1);
    return b.initializer(`${name}.weight`, randomTensor(next, dims, Math.sqrt(6 / fanIn)));
  };
  const bias = (name, length) => b.initializer(`${name}.bias`, randomTensor(next, [length], 0.1));
  return {
    b,
    x: b.input("x", "float32", ["N", channels, size, size]),
    relu: (x) => b.op("Relu", [x]),
    conv(x, name, [inputs, outputs, kernel], { stride = 1, pad = (kernel - 1) / 2, norm = false } = {}) {
      const attributes = { kernel_shape: [kernel, kernel], strides: [stride, stride], pads: [pad, pad, pad, pad] };
      const w = weight(name, [outputs, inputs, kernel, kernel]);
      if (!norm) return b.op("Conv", [x, w, bias(name, outputs)], attributes);
      const parts = ["scale", "shift", "mean"].map((part) => b.initializer(`${name}.${part}`, randomTensor(next, [outputs])));
      const variance = { type: "float32", dims: [outputs], data: new Uint8Array(new Float32Array(outputs).fill(1).buffer) };
      return b.op("BatchNormalization", [
        b.op("Conv", [x, w], attributes),
        ...parts,
        b.initializer(`${name}.variance`, variance),
      ]);
    },
    dense: (x, name, [inputs, outputs]) => b.op("Gemm", [x, weight(name, [outputs, inputs]), bias(name, outputs)], { transB: 1 }),
    maxPool: (x) => b.op("MaxPool", [x], { kernel_shape: [2, 2], strides: [2, 2] }),
    finish(logits) {
      b.output(logits, "float32", ["N", 10]);
      return b.model();
    },
  };
}

/** Two convolutions with max pooling, two dense layers. After LeCun et al. 1998. */
export function lenet() {
  const { b, x, conv, relu, maxPool, dense, finish } = layers(1, 28);
  const first = maxPool(relu(conv(x, "c1", [1, 16, 5])));
  const second = maxPool(relu(conv(first, "c2", [16, 32, 3], { pad: 0 })));
  return finish(dense(relu(dense(b.op("Flatten", [second]), "f1", [1152, 64])), "f2", [64, 10]));
}

/**
 * A residual network for images of 32 × 32: 6n + 2 layers for n blocks in each of three stages. He et al. 2015 (arXiv:1512.03385), section 4.2.
 * With `norm`, batch normalisation stands behind each convolution; else it is folded in, as exporters do.
 */
export function resnet(blocks, { norm = false } = {}) {
  const { b, x, conv, relu, dense, finish } = layers(3, 32);
  let value = relu(conv(x, "c", [3, 16, 3], { norm }));
  let inputs = 16;
  for (const [stage, outputs] of [16, 32, 64].entries())
    for (let block = 0; block < blocks; block++) {
      const name = `l.${stage * blocks + block}`;
      const stride = outputs === inputs ? 1 : 2;
      const inner = relu(conv(value, `${name}.c1`, [inputs, outputs, 3], { stride, norm }));
      const outer = conv(inner, `${name}.c2`, [outputs, outputs, 3], { norm });
      const skip = stride === 1 ? value : conv(value, `${name}.sc`, [inputs, outputs, 1], { stride, norm });
      value = relu(b.op("Add", [outer, skip]));
      inputs = outputs;
    }
  return finish(dense(b.op("Flatten", [b.op("GlobalAveragePool", [value])]), "f", [64, 10]));
}
