// Pictures as a PNG file (W3C, third edition), compressed by Node's zlib.
import { crc32, deflateSync } from "node:zlib";

function chunk(type, data) {
  const out = Buffer.alloc(data.length + 12);
  out.writeUInt32BE(data.length, 0);
  out.write(type, 4, "latin1");
  data.copy(out, 8);
  out.writeUInt32BE(crc32(out.subarray(4, data.length + 8)), data.length + 8);
  return out;
}

/** Red, green and blue samples, rows from the top. */
export function encodePng({ width, height, samples }) {
  const rows = Buffer.alloc(height * (3 * width + 1));
  for (let line = 0; line < height; line++)
    rows.set(samples.subarray(line * 3 * width, (line + 1) * 3 * width), line * (3 * width + 1) + 1);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows, { level: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** Rows of pictures (planes of bytes) beside each other, each pixel `zoom` wide. */
export function sheetPng(rows, size, zoom = 2) {
  const gap = 2;
  const cell = size * zoom + gap;
  const [width, height] = [rows[0].length * cell + gap, rows.length * cell + gap];
  const samples = new Uint8Array(width * height * 3).fill(255);
  for (const [j, row] of rows.entries())
    for (const [i, planes] of row.entries())
      for (let y = 0; y < size * zoom; y++)
        for (let x = 0; x < size * zoom; x++)
          for (let c = 0; c < 3; c++) {
            const from = (c * size + Math.floor(y / zoom)) * size + Math.floor(x / zoom);
            samples[((j * cell + gap + y) * width + i * cell + gap + x) * 3 + c] = planes[from];
          }
  return encodePng({ width, height, samples });
}
