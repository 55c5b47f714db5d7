/** The step for l1: signs of the largest gradients, as many as the share says, of total length `size`. */
export function sparseStep(
  x: Float32Array,
  gradient: Float32Array,
  { size, share }: { readonly size: number; readonly share: number },
): void {
  const strengths = gradient.map(Math.abs).sort();
  const count = gradient.length;
  const least = strengths[Math.min(count - 1, Math.max(0, Math.floor((1 - share) * count)))]!;
  const moves = (i: number): boolean => Math.abs(gradient[i]!) >= least && gradient[i] !== 0;
  let moved = 0;
  for (let i = 0; i < count; i++) if (moves(i)) moved++;
  if (moved === 0) return;
  for (let i = 0; i < count; i++) if (moves(i)) x[i]! += (Math.sign(gradient[i]!) * size) / moved;
}
