/** Pieces of text in the order in which a person reads them. */

import type { Rectangle } from "./rectangle.ts";

export interface Piece {
  readonly box: Rectangle;
  readonly text: string;
  readonly confidence: number;
}

/**
 * Lines from top to bottom, their pieces from left to right: pieces whose middles lie within half of a letter's height are on one line.
 * Measured along the tilt that most of the text has.
 */
export function inLines(pieces: readonly Piece[]): Piece[][] {
  const tilt = tiltOf(pieces);
  const [cos, sin] = [Math.cos(tilt), Math.sin(tilt)];
  const placed = pieces
    .map((piece) => ({ piece, along: piece.box.x * cos + piece.box.y * sin, down: piece.box.y * cos - piece.box.x * sin }))
    .sort((a, b) => a.down - b.down);
  const lines: (typeof placed)[] = [];
  for (const one of placed) {
    const line = lines.at(-1);
    const middle = line === undefined ? 0 : line.reduce((sum, { down }) => sum + down, 0) / line.length;
    const near = 0.5 * Math.min(one.piece.box.height, line?.[0]!.piece.box.height ?? 0);
    if (line !== undefined && one.down - middle < near) line.push(one);
    else lines.push([one]);
  }
  return lines.map((line) => line.sort((a, b) => a.along - b.along).map(({ piece }) => piece));
}

/** The median angle, each piece counting by its width. */
function tiltOf(pieces: readonly Piece[]): number {
  const sorted = pieces.map(({ box }) => box).sort((a, b) => a.angle - b.angle);
  let left = sorted.reduce((sum, { width }) => sum + width, 0) / 2;
  for (const { angle, width } of sorted) if ((left -= width) <= 0) return angle;
  return 0;
}
