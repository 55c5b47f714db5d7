/** Images in memory, as the reader of text takes them. */

/** Red, green and blue, a byte each, row by row. Transparency is laid on white by whoever decodes. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** How a place on one grid is found on another: `x' = x0 + x·dx + y·ex`, likewise for y. */
export interface Placement {
  readonly x0: number;
  readonly y0: number;
  readonly dx: number;
  readonly dy: number;
  readonly ex: number;
  readonly ey: number;
}

/** What each channel's byte becomes: `value · scale + shift`. */
export interface Normalisation {
  readonly scale: readonly [number, number, number];
  readonly shift: readonly [number, number, number];
}

/** Where samples go: one image of a batch, channel after channel, in blue, green, red, the order that PP-OCR was trained in. */
export interface Plane {
  readonly out: Float32Array;
  /** Index of the first sample. */
  readonly at: number;
  /** Samples of one row in `out`; `width` of them are written. */
  readonly stride: number;
  readonly width: number;
  readonly height: number;
}

/** Samples an image bilinearly along a placement, and normalises. Places outside the image take its nearest edge. */
export function sample(image: Pixels, placed: Placement, norm: Normalisation, { out, at, stride, width, height }: Plane): void {
  const { x0, y0, dx, dy, ex, ey } = placed;
  const [lastX, lastY] = [image.width - 1, image.height - 1];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const px = Math.min(Math.max(x0 + x * dx + y * ex, 0), lastX);
      const py = Math.min(Math.max(y0 + x * dy + y * ey, 0), lastY);
      const [left, top] = [Math.floor(px), Math.floor(py)];
      const [fx, fy] = [px - left, py - top];
      const here = 3 * (top * image.width + left);
      const right = left < lastX ? 3 : 0;
      const below = top < lastY ? 3 * image.width : 0;
      for (let c = 0; c < 3; c++) {
        const i = here + c;
        const upper = image.data[i]! * (1 - fx) + image.data[i + right]! * fx;
        const lower = image.data[i + below]! * (1 - fx) + image.data[i + below + right]! * fx;
        const value = upper * (1 - fy) + lower * fy;
        const channel = 2 - c;
        out[at + channel * stride * height + y * stride + x] = value * norm.scale[c]! + norm.shift[c]!;
      }
    }
  }
}
