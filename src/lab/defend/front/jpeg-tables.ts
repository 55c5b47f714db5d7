/** What a JPEG keeps: quantisation steps and the cosine transform. */

/** ITU-T T.81, tables K.1 and K.2: steps for luminance and for chrominance, row by row. */
const luminance = [
  16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62,
  18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112,
  100, 103, 99,
];
const chrominance = [
  17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99, 99, 99, 99,
  99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
];

/** Steps for a quality of 1 … 100, scaled as libjpeg does (jcparam.c, `jpeg_quality_scaling` and `jpeg_add_quant_table`, baseline). */
export function quantisationSteps(plane: "luminance" | "chrominance", quality: number): readonly number[] {
  const percent = quality < 50 ? Math.floor(5000 / quality) : 200 - 2 * quality;
  const base = plane === "luminance" ? luminance : chrominance;
  return base.map((step) => Math.min(255, Math.max(1, Math.floor((step * percent + 50) / 100))));
}

/** The 64 patterns of an 8 × 8 block as filters [64, 1, 8, 8], orthonormal (ITU-T T.81, A.3.3): convolving by them transforms, transposed transforms back. */
export function cosinePatterns(): Float32Array {
  const wave = (k: number, n: number): number => Math.sqrt((k === 0 ? 1 : 2) / 8) * Math.cos(((2 * n + 1) * k * Math.PI) / 16);
  const patterns = new Float32Array(64 * 64);
  for (let k = 0; k < 64; k++) for (let n = 0; n < 64; n++) patterns[64 * k + n] = wave(k >> 3, n >> 3) * wave(k & 7, n & 7);
  return patterns;
}
