/** Filters that 7z puts around a compressor: x86 branch addresses (after `Bra86.c` of the public-domain LZMA SDK) and differences. */

import type { Coder } from "./header.ts";

const x86 = new Set(["03030103", "04"]);

/** True for a coder that only rearranges. */
export function isFilter({ id }: Coder): boolean {
  return x86.has(id) || id === "03";
}

/** Undoes a filter in place. */
export function unfilter({ id, properties }: Coder, bytes: Uint8Array): void {
  if (id === "03") undoDelta(bytes, (properties[0] ?? 0) + 1);
  else undoBranches(bytes);
}

function undoDelta(bytes: Uint8Array, distance: number): void {
  for (let i = distance; i < bytes.length; i++) bytes[i] = bytes[i]! + bytes[i - distance]!;
}

const allowed = [true, true, true, false, true, false, false, false];
const bitNumber = [0, 1, 2, 2, 3, 3, 3, 3];
const isSign = (byte: number): boolean => byte === 0 || byte === 0xff;

function undoBranches(bytes: Uint8Array): void {
  let mask = 0;
  let before = -5;
  for (let at = 0; at + 5 <= bytes.length;) {
    if (bytes[at] !== 0xe8 && bytes[at] !== 0xe9) {
      at++;
      continue;
    }
    const distance = at - before;
    before = at;
    if (distance > 5) mask = 0;
    else for (let i = 0; i < distance; i++) mask = (mask & 0x77) << 1;
    if (isSign(bytes[at + 4]!) && allowed[(mask >> 1) & 7] && mask >> 1 < 0x10) {
      const to = destination(bytes, at, mask);
      bytes[at + 1] = to;
      bytes[at + 2] = to >>> 8;
      bytes[at + 3] = to >>> 16;
      bytes[at + 4] = (to >>> 24) & 1 ? 0xff : 0;
      at += 5;
      mask = 0;
    } else {
      mask |= isSign(bytes[at + 4]!) ? 0x11 : 1;
      at++;
    }
  }
}

function destination(bytes: Uint8Array, at: number, mask: number): number {
  let from = (bytes[at + 1]! | (bytes[at + 2]! << 8) | (bytes[at + 3]! << 16) | (bytes[at + 4]! << 24)) >>> 0;
  for (;;) {
    const to = (from - (at + 5)) >>> 0;
    if (mask === 0) return to;
    const i = bitNumber[mask >> 1]!;
    if (!isSign((to >>> (24 - i * 8)) & 0xff)) return to;
    from = (to ^ (2 ** (32 - i * 8) - 1)) >>> 0;
  }
}
