// A small rasteriser: polygons in the plane of a sign (x and y from -1 to 1, y downwards) become a texture with smooth edges.

/** Texels on each side of a texture; a sign is 26 to 38 pixels wide in a picture, so that a pixel averages several. */
export const textureSize = 96;
const fine = 3; // sub-lines in a texel

/** An empty texture: red, green, blue from 0 to 1, and how much of the texel is sign. */
export const blank = () => new Float32Array(textureSize * textureSize * 4);

/**
 * Paints polygons of one colour. They may overlap: a texel is covered as far as the polygon that covers it most.
 */
export function paint(texture, polygons, [red, green, blue]) {
  const covered = new Float32Array(textureSize * textureSize);
  for (const polygon of polygons) cover(covered, polygon);
  for (let i = 0; i < covered.length; i++) {
    const share = covered[i];
    if (share === 0) continue;
    // Where there was nothing, the colour alone counts; the outline's alpha says how much of it.
    const part = texture[i * 4 + 3] === 0 ? 1 : share;
    texture[i * 4] += part * (red - texture[i * 4]);
    texture[i * 4 + 1] += part * (green - texture[i * 4 + 1]);
    texture[i * 4 + 2] += part * (blue - texture[i * 4 + 2]);
    texture[i * 4 + 3] = Math.max(texture[i * 4 + 3], share);
  }
}

/** Raises the covered share of each texel to what a polygon covers of it (even-odd rule): exact along lines, sampled across them. */
function cover(covered, polygon) {
  const points = polygon.map(([x, y]) => [((x + 1) * textureSize) / 2, ((y + 1) * textureSize) / 2]);
  const ys = points.map(([, y]) => y);
  const [top, bottom] = [Math.max(0, Math.floor(Math.min(...ys))), Math.min(textureSize, Math.ceil(Math.max(...ys)))];
  for (let line = top; line < bottom; line++) {
    const shares = new Float32Array(textureSize);
    for (let sub = 0; sub < fine; sub++) {
      const crossings = crossingsOf(points, line + (sub + 0.5) / fine);
      for (let i = 0; i + 1 < crossings.length; i += 2) {
        const [from, to] = [Math.max(0, crossings[i]), Math.min(textureSize, crossings[i + 1])];
        for (let column = Math.floor(from); column < to; column++)
          shares[column] += (Math.min(to, column + 1) - Math.max(from, column)) / fine;
      }
    }
    for (const [column, share] of shares.entries())
      if (share > covered[line * textureSize + column]) covered[line * textureSize + column] = share;
  }
}

/** Where the edges of a polygon cross a line, from left to right. */
function crossingsOf(points, y) {
  const crossings = [];
  for (const [i, [x0, y0]] of points.entries()) {
    const [x1, y1] = points[(i + 1) % points.length];
    if (y0 <= y !== y1 <= y) crossings.push(x0 + ((y - y0) / (y1 - y0)) * (x1 - x0));
  }
  return crossings.sort((a, b) => a - b);
}

/** A regular polygon; `turn` in degrees, 0 has a corner at the right. */
export const regular = (corners, radius, turn = 0, [x, y] = [0, 0]) =>
  Array.from({ length: corners }, (_, i) => {
    const angle = ((360 * i) / corners + turn) * (Math.PI / 180);
    return [x + radius * Math.cos(angle), y + radius * Math.sin(angle)];
  });

export const disc = (radius, centre) => regular(48, radius, 0, centre);

export const rectangle = (left, top, right, bottom) => [
  [left, top],
  [right, top],
  [right, bottom],
  [left, bottom],
];

/** Lines with round ends, as polygons. */
export function stroke(line, width) {
  const polygons = line.map((point) => regular(12, width / 2, 0, point));
  for (let i = 0; i + 1 < line.length; i++) {
    const [[x0, y0], [x1, y1]] = [line[i], line[i + 1]];
    const length = Math.hypot(x1 - x0, y1 - y0) || 1;
    const [dx, dy] = [((y1 - y0) / length) * (width / 2), ((x0 - x1) / length) * (width / 2)];
    polygons.push([
      [x0 + dx, y0 + dy],
      [x1 + dx, y1 + dy],
      [x1 - dx, y1 - dy],
      [x0 - dx, y0 - dy],
    ]);
  }
  return polygons;
}
