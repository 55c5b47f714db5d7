/** Connected areas of a map of scores: each is a line of text, or a piece of one. */

export interface Component {
  /** Mean score of its places. */
  readonly score: number;
  /** The outermost places of each of its rows, as x and y: all that a convex hull needs. */
  readonly edge: readonly (readonly [x: number, y: number])[];
}

export interface ScoreMap {
  readonly scores: Float32Array;
  readonly width: number;
  readonly height: number;
}

/** Components of eight neighbours whose scores exceed a threshold; those of fewer than `minPlaces` are dust. */
export function componentsOf({ scores, width, height }: ScoreMap, threshold: number, minPlaces: number): Component[] {
  const seen = new Uint8Array(width * height);
  const stack = new Int32Array(width * height);
  const found: Component[] = [];
  for (let start = 0; start < seen.length; start++) {
    if (seen[start] === 1 || scores[start]! <= threshold) continue;
    const rows = new Map<number, [number, number]>();
    let [held, places, sum] = [1, 0, 0];
    stack[0] = start;
    seen[start] = 1;
    while (held > 0) {
      const place = stack[--held]!;
      const [x, y] = [place % width, Math.floor(place / width)];
      places++;
      sum += scores[place]!;
      const row = rows.get(y);
      if (row === undefined) rows.set(y, [x, x]);
      else if (x < row[0]) row[0] = x;
      else if (x > row[1]) row[1] = x;
      for (let ny = Math.max(y - 1, 0); ny <= Math.min(y + 1, height - 1); ny++) {
        for (let nx = Math.max(x - 1, 0); nx <= Math.min(x + 1, width - 1); nx++) {
          const next = ny * width + nx;
          if (seen[next] === 1 || scores[next]! <= threshold) continue;
          seen[next] = 1; // marked when it is put there, so that each place is put there once
          stack[held++] = next;
        }
      }
    }
    if (places >= minPlaces) found.push({ score: sum / places, edge: edgeOf(rows) });
  }
  return found;
}

function edgeOf(rows: ReadonlyMap<number, readonly [number, number]>): [number, number][] {
  // A place is a square, not a point: its right and lower borders lie one further.
  return [...rows].flatMap(([y, [left, right]]): [number, number][] => [
    [left, y],
    [right + 1, y],
    [left, y + 1],
    [right + 1, y + 1],
  ]);
}
