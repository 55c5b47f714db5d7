/**
 * The weights' gradient of a convolution, for Conv as well as (roles exchanged) for ConvTranspose.
 * Dumoulin and Visin 2016, "A guide to convolution arithmetic" (arXiv:1603.07285), chapter 4.
 */
import type { Ops } from "../ops/index.ts";
import { isFixed, range } from "../value.ts";
import type { Value } from "../value.ts";
import { divided, patches, tapInputs } from "./convolve.ts";
import type { Convolution } from "./convolve.ts";
import { tapsOf } from "./window.ts";

/** What the weights saw and what came of it: a convolution's input, and the gradient of its output. */
interface Seen {
  readonly x: Value;
  readonly g: Value;
}

/** dw from dy: each tap of the kernel gets the product of dy with the input that it saw, summed over batch and places. */
export function weightGradient(op: Ops, seen: Seen, convolution: Convolution): Value {
  const forms = { blocked: byBlockedConvolution, convolution: byConvolution, taps: byTapProducts, unfolding: byUnfolding };
  return op.reshapeLike(forms[weightForm(seen, convolution)](op, seen, convolution), convolution.w);
}

/**
 * Measured with ONNX Runtime 1.30 on one AVX-512 core, batch 64. Taps of a window that strides are gathered element by element when they are
 * cut out, not when a convolution reads them; its product is as wide as the kernel has taps, and below 16 that wastes the vector unit
 * (16 → 32 channels, 4 × 4, stride 2: 0.85 ms in place of 2.0). Else a product for each tap saves the copy that joins all taps
 * (16 → 16 channels on 32 × 32: 4.7 ms in place of 8.0), unless its sides are too short or so long that the copy is nothing beside the product.
 */
function weightForm({ x, g }: Seen, { w, window, group, blocks }: Convolution): "blocked" | "convolution" | "taps" | "unfolding" {
  const [outputs, inputs] = w.dims ?? [];
  const sizes = [...(x.dims?.slice(2) ?? [null]), ...(g.dims?.slice(2) ?? [null])];
  const taps = tapsOf(window.kernel).length;
  if (group !== 1 || taps === 1 || typeof outputs !== "number" || typeof inputs !== "number") return "unfolding";
  const fits = (size: unknown): boolean => typeof size === "number" && blocks !== undefined && size % blocks === 0;
  if (fits(outputs) && fits(x.dims?.[0]) && isFixed(x.dims) && isFixed(g.dims)) return "blocked";
  const strided = window.strides.some((stride) => stride > 1);
  if (strided && taps >= 16 && sizes.every((size) => typeof size === "number")) return "convolution";
  return !strided && inputs >= 8 && inputs * outputs <= 4096 ? "taps" : "unfolding";
}

/**
 * {@link byConvolution} for a kernel that works on blocks of channels: these are the examples here. The borders are written out beforehand, because
 * such a kernel takes several places at once only where it reads no border, and a row of dw is no longer than the weights' kernel.
 */
function byBlockedConvolution(op: Ops, { x, g }: Seen, { window }: Convolution): Value {
  const { kernel, strides, dilations, pads } = window;
  const n = kernel.length;
  const swap = [1, 0, ...range(2 + n, 2)];
  const reached = op.slice(
    x,
    range(n).map((i) => ({ axis: 2 + i, start: 0, end: pads[n + i]! < 0 ? pads[n + i]! : 2 ** 53 })),
  );
  const rims = pads.map((pad) => Math.max(0, pad));
  const padded = op.pad(reached, [0, 0, ...rims.slice(0, n)], [0, 0, ...rims.slice(n)]);
  const dw = op.conv(op.transpose(padded, swap), op.transpose(g, swap), {
    kernel: g.dims!.slice(2) as number[],
    strides: dilations,
    dilations: strides,
    pads: pads.map(() => 0),
  });
  return op.transpose(dw, swap);
}

/** Batch and channels change places: x is the input and dy the kernel, whose elements lie as far apart as the window strode. */
function byConvolution(op: Ops, { x, g }: Seen, { window }: Convolution): Value {
  const { kernel, strides, dilations, pads } = window;
  const n = kernel.length;
  const swap = [1, 0, ...range(2 + n, 2)];
  const reached = op.slice(
    x,
    range(n).map((i) => ({ axis: 2 + i, start: 0, end: pads[n + i]! < 0 ? pads[n + i]! : 2 ** 53 })),
  );
  const dw = op.conv(op.transpose(reached, swap), op.transpose(g, swap), {
    kernel: g.dims!.slice(2) as number[],
    strides: dilations,
    dilations: strides,
    pads: pads.map((pad) => Math.max(0, pad)),
  });
  // Where the stride did not fit, the kernel reaches places past its last tap.
  const taps = op.slice(
    dw,
    kernel.map((end, i) => ({ axis: 2 + i, start: 0, end })),
  );
  return op.transpose(taps, swap);
}

function byTapProducts(op: Ops, { x, g }: Seen, { window }: Convolution): Value {
  const [batch, inputs] = op.sizes(x);
  const [, outputs, ...places] = op.sizes(g);
  const length = op.product(...places);
  const columns = op.matrixTranspose(op.reshape(g, [batch!, outputs!, length]));
  const products = tapInputs(op, x, window, places).map((tap) => op.matMul(op.reshape(tap, [batch!, inputs!, length]), columns));
  const summed = op.sum(op.concat(products, 1), [0], false);
  return op.transpose(op.reshape(summed, [products.length, inputs!, outputs!]), [2, 1, 0]);
}

function byUnfolding(op: Ops, { x, g }: Seen, { window, group }: Convolution): Value {
  const [batch, inputs] = op.sizes(x);
  const [, outputs, ...places] = op.sizes(g);
  const length = op.product(...places);
  const perGroup = divided(op, inputs!, group);
  const columns = op.matrixTranspose(op.reshape(g, [batch!, group, divided(op, outputs!, group), length]));
  // The taps are the product's rows: ONNX Runtime packs the other side, the narrower the better (16 → 16 channels on 32 × 32: 6.1 ms in place of 9.6).
  const product = (seen: Value): Value => op.matrixTranspose(op.sum(op.matMul(seen, columns), [0], false));
  if (typeof inputs === "number" && window.strides.some((stride) => stride > 1))
    return product(
      op.reshape(patches(op, x, window), [batch!, group, op.product(perGroup, tapsOf(window.kernel).length), length]),
    );
  const taps = tapInputs(op, x, window, places).map((tap) => op.reshape(tap, [batch!, group, perGroup, length]));
  const products = product(op.concat(taps, 2));
  return op.transpose(op.reshape(products, [outputs!, taps.length, perGroup]), [0, 2, 1]);
}
