/** Reading an image at positions that are computed: Jaderberg et al. 2015, "Spatial transformer networks" (arXiv:1506.02025). */
import { tensorOf } from "../../onnx/index.ts";
import { defineLowering } from "../define.ts";
import type { NodeContext } from "../define.ts";
import type { Ops } from "../ops/index.ts";
import { range } from "../value.ts";
import type { Size, Value } from "../value.ts";

/** Positions of an output's elements in the input: an affine map of the regular grid. */
export const affineGrid = defineLowering("AffineGrid", ({ xs, op, scope, attrs, numbers, refuse }) => {
  const [theta, size] = xs as [Value, Value];
  const dims = numbers(size);
  if (dims === undefined) throw refuse("its size is only known when the model runs");
  const spatial = dims.slice(2);
  const corners = attrs.int("align_corners", 0) === 1;
  const place = (i: number, length: number): number =>
    corners ? (length === 1 ? 0 : (2 * i) / (length - 1) - 1) : (2 * i + 1) / length - 1;
  // Columns are x, y, (z) and 1, while axes are (depth,) height, width.
  const rows = spatial.reduce<number[][]>(
    (all, length) => all.flatMap((row) => range(length).map((i) => [place(i, length), ...row])),
    [[]],
  );
  const n = spatial.length;
  const grid = scope.constant(
    tensorOf(
      theta.type,
      [1, rows.length, n + 1],
      rows.flatMap((row) => [...row, 1]),
    ),
  );
  return [op.reshape(op.matMul(grid, op.transpose(theta, [0, 2, 1])), [op.size(theta, 0), ...spatial, n])];
});

export const gridSample = defineLowering("GridSample", (context) => {
  const { xs, op, attrs, refuse } = context;
  const [x, grid] = xs as [Value, Value];
  const mode = attrs.string("mode", "linear");
  if (mode.endsWith("cubic")) throw refuse("cubic sampling at computed positions has no rule", "sample linearly");
  const [batch, channels, ...lengths] = op.sizes(x);
  const count = op.product(...op.sizes(grid).slice(1, -1));
  const flat = op.reshape(x, [batch!, channels!, op.product(...lengths)]);
  const n = lengths.length;
  const positions = lengths.map((length, axis) => {
    const column = op.slice(grid, [{ axis: n + 1, start: n - 1 - axis, end: n - axis }]);
    return position(context, op.reshape(column, [batch!, count]), length);
  });
  const corners =
    mode === "nearest" ? [positions.map((at) => ({ at: roundHalfToEven(op, at), weight: undefined }))] : cornersOf(op, positions);
  const parts = corners.map((corner) => sampled(op, { flat, channels: channels!, lengths, count }, corner));
  const total = parts.reduce((a, b) => op.add(a, b));
  return [op.reshape(total, [batch!, channels!, ...op.sizes(grid).slice(1, -1)])];
});

const asNumber = (op: Ops, size: Size, like: Value): Value =>
  typeof size === "number" ? op.scalar(like.type, size) : op.cast(op.reshape(size.value, []), like.type);

/** From −1 … 1 to elements, and back into the image where the padding says so. */
function position({ op, attrs }: NodeContext, v: Value, size: Size): Value {
  const length = asNumber(op, size, v);
  const corners = attrs.int("align_corners", 0) === 1;
  const last = op.sub(length, 1);
  const at = corners ? op.mul(op.div(op.add(v, 1), 2), last) : op.div(op.sub(op.mul(op.add(v, 1), length), 1), 2);
  const inside = (value: Value): Value => op.min(op.max(value, 0), last);
  const padding = attrs.string("padding_mode", "zeros");
  if (padding === "border") return inside(at);
  if (padding !== "reflection") return at;
  const [low, span] = corners ? [0, last] : [-0.5, length];
  const away = op.abs(op.sub(at, low));
  const turns = op.floor(op.div(away, span));
  const rest = op.sub(away, op.mul(turns, span));
  const odd = op.equal(op.sub(turns, op.mul(op.floor(op.div(turns, 2)), 2)), 1);
  return inside(op.add(op.where(odd, op.sub(span, rest), rest), low));
}

const roundHalfToEven = (op: Ops, x: Value): Value => op.emit({ op: "Round", inputs: [x], outputs: [x] })[0]!;

/** A position on one axis, with the share it has of the sample. */
interface Corner {
  readonly at: Value;
  readonly weight: Value | undefined;
}

/** All corners of the cell around a position. */
function cornersOf(op: Ops, positions: readonly Value[]): readonly (readonly Corner[])[] {
  return positions.reduce<readonly (readonly Corner[])[]>(
    (all, position) => {
      const below = op.floor(position);
      const beyond = op.sub(position, below);
      const ends: readonly Corner[] = [
        { at: below, weight: op.sub(1, beyond) },
        { at: op.add(below, 1), weight: beyond },
      ];
      return all.flatMap((corner) => ends.map((end) => corner.concat(end)));
    },
    [[]],
  );
}

interface Image {
  /** [batch, channels, elements] */
  readonly flat: Value;
  readonly channels: Size;
  readonly lengths: readonly Size[];
  readonly count: Size;
}

/** What lies at a corner, by its weight; zero outside of the image. */
function sampled(op: Ops, { flat, channels, lengths, count }: Image, corner: readonly Corner[]): Value {
  let index: Value | undefined;
  let weight: Value | undefined;
  for (const [axis, { at, weight: share }] of corner.entries()) {
    const length = asNumber(op, lengths[axis]!, at);
    const inside = op.mask(op.and(op.greaterOrEqual(at, 0), op.less(at, length)), at);
    const safe = op.min(op.max(at, 0), op.sub(length, 1));
    index = index === undefined ? safe : op.add(op.mul(index, length), safe);
    const factor = share === undefined ? inside : op.mul(inside, share);
    weight = weight === undefined ? factor : op.mul(weight, factor);
  }
  const batch = op.size(flat, 0);
  const places = op.expand(op.unsqueeze(op.cast(index!, "int64"), [1]), [batch, channels, count]);
  return op.mul(op.gatherElements(flat, places, 2), op.unsqueeze(weight!, [1]));
}
