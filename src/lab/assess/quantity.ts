/** Numbers as people write radii and shares: `0.1`, `8/255`, `60%`. */

/** The number, or undefined for what is none. @example parseQuantity("8/255"); // 0.03137… */
export function parseQuantity(text: string): number | undefined {
  const match = /^\s*(\d+(?:\.\d*)?(?:e-?\d+)?|\.\d+)\s*(?:\/\s*(\d+(?:\.\d*)?))?\s*(%)?\s*$/i.exec(text);
  if (match === null) return undefined;
  const value = Number(match[1]) / (match[2] === undefined ? 1 : Number(match[2])) / (match[3] === undefined ? 1 : 100);
  return Number.isFinite(value) ? value : undefined;
}
