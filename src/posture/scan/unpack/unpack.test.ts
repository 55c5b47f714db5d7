/** Decoders beside the programs whose streams they read: what others packed comes out whole, and damage is never taken for the truth. */
import { constants, deflateRawSync, deflateSync, gzipSync, inflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { fromUtf8, utf8 } from "../../../base/crypto/index.ts";
import { bytesSource } from "../bytes/source.ts";
import { unpackBzip2 } from "./bzip2.ts";
import { adler32, bzip2Crc, crc32, crc64 } from "./checksum.ts";
import { Draining } from "./draining.ts";
import { Growing } from "./growing.ts";
import type { Unpacked } from "./growing.ts";
import { inflateGzip, inflateGzipInto, inflateRaw, inflateZlib } from "./inflate.ts";
import { unpackLz4 } from "./lz4.ts";
import { unpackLzma, unpackXz } from "./xz.ts";
import { xxhash32 } from "./xxhash32.ts";

const fox = "abcabcabcabc\nThe quick brown fox jumps over the lazy dog. The quick brown fox.\n";
const text = fox + "z".repeat(300);
const limit = 1 << 20;
const base64 = (packed: string): Uint8Array => new Uint8Array(Buffer.from(packed, "base64"));
const intoGrowing = (run: (out: Growing) => Omit<Unpacked, "bytes">): Unpacked => {
  const out = new Growing(limit);
  const { used, broken } = run(out);
  return { bytes: out.done(), used, broken };
};
const raw = (bytes: Uint8Array): Unpacked => intoGrowing((out) => inflateRaw(bytesSource(bytes), 0, out));
const bunzip2 = (bytes: Uint8Array): Unpacked => intoGrowing((out) => unpackBzip2(bytesSource(bytes), out));
const unlz4 = (bytes: Uint8Array): Unpacked => unpackLz4(bytesSource(bytes), limit);

interface Vector {
  readonly packed: Uint8Array;
  readonly unpack: (bytes: Uint8Array) => Unpacked;
  readonly plain?: string;
}

/** Streams that carry a checksum of what they hold. Made by zlib, and by bzip2 1.0.8, XZ Utils 5.4.1 and lz4 1.9.4. */
const summed: Readonly<Record<string, Vector>> = {
  zlib: { packed: new Uint8Array(deflateSync(text)), unpack: (bytes) => inflateZlib(bytesSource(bytes), limit) },
  gzip: { packed: new Uint8Array(gzipSync(text)), unpack: (bytes) => inflateGzip(bytesSource(bytes), limit) },
  bzip2: {
    packed: base64(
      "QlpoMTFBWSZTWQSgxwgAAAtTgIAQQCEEAD////AACCAASEqE9QDIBkaNqAlU09INDTRiDQeotQzF3FhNpP1NsXvZCWgIahEdFiuJ0kKI8a5SiSOjxDeB6iiwqKE2H3NYfi7kinChIAlBjhA=",
    ),
    unpack: bunzip2,
  },
  "xz with CRC-32": {
    packed: base64(
      "/Td6WFoAAAFpIt42AgAhARYAAAB0L+Wj4AF6AEBdADCYiKfqMTbakbBSrnzwbOeo0CAVmyWnuvXWFf0Q+XaqpUbN04/fns55+dCFApRhCU4cQrXmpYHlq58btoD4AAAAwfq5FgABWPsCAAAAgPdltj4wDYsCAAAAAAFZWg==",
    ),
    unpack: (bytes) => unpackXz(bytes, limit),
  },
  "xz with CRC-64": {
    packed: base64(
      "/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4AF6AEBdADCYiKfqMTbakbBSrnzwbOeo0CAVmyWnuvXWFf0Q+XaqpUbN04/fns55+dCFApRhCU4cQrXmpYHlq58btoD4AAAAEq3kH5QHfBcAAVz7AgAAAJa19C2xxGf7AgAAAAAEWVo=",
    ),
    unpack: (bytes) => unpackXz(bytes, limit),
  },
  "xz with SHA-256": {
    packed: base64(
      "/Td6WFoAAArh+wyhAgAhARYAAAB0L+Wj4AF6AEBdADCYiKfqMTbakbBSrnzwbOeo0CAVmyWnuvXWFf0Q+XaqpUbN04/fns55+dCFApRhCU4cQrXmpYHlq58btoD4AAAA61llPDOdWse9ZZ6mFuciFimfhjCbnEPqt15ZpIpUUesAAXT7AgAAAM0yC8a26d8cAgAAAAAKWVo=",
    ),
    unpack: (bytes) => unpackXz(bytes, limit),
  },
  "lz4 with a checksum": {
    packed: base64(
      "BCJNGGRAp0cAAAA1YWJjAwD/HwpUaGUgcXVpY2sgYnJvd24gZm94IGp1bXBzIG92ZXIgdGhlIGxhenkgZG9nLiAtAAA/Lgp6AQD/FFB6enp6egAAAAA63eM+",
    ),
    unpack: unlz4,
  },
  "lz4 with a checksum of each block": {
    packed: base64(
      "BCJNGHxAewEAAAAAAACNRwAAADVhYmMDAP8fClRoZSBxdWljayBicm93biBmb3gganVtcHMgb3ZlciB0aGUgbGF6eSBkb2cuIC0AAD8uCnoBAP8UUHp6enp6MSPmbgAAAAA63eM+",
    ),
    unpack: unlz4,
  },
};
/** Streams without one, or of several parts. */
const others: Readonly<Record<string, Vector>> = {
  "raw DEFLATE": { packed: new Uint8Array(deflateRawSync(text)), unpack: raw },
  "a stored block": { packed: Uint8Array.from([1, 5, 0, 0xfa, 0xff, 104, 101, 108, 108, 111]), unpack: raw, plain: "hello" },
  "an empty block of fixed codes": { packed: Uint8Array.from([3, 0]), unpack: raw, plain: "" },
  "two bzip2 streams": {
    packed: base64(
      "QlpoMTFBWSZTWR4fJVsAAArTgAAQQAEEAD////AgAFCgAAAAAlSbUAyNB6jI2ovQ1G4GjSwom2cIOeuoWkg5H8uq8n6pUtiWPYmm5Q9QWRVGGk4+X8XckU4UJAeHyVbAQlpoMTFBWSZTWQSgxwgAAAtTgIAQQCEEAD////AACCAASEqE9QDIBkaNqAlU09INDTRiDQeotQzF3FhNpP1NsXvZCWgIahEdFiuJ0kKI8a5SiSOjxDeB6iiwqKE2H3NYfi7kinChIAlBjhA=",
    ),
    unpack: bunzip2,
    plain: fox + text,
  },
  "two gzip members": {
    packed: new Uint8Array(Buffer.concat([gzipSync(fox), gzipSync(text)])),
    unpack: (bytes) => inflateGzip(bytesSource(bytes), limit),
    plain: fox + text,
  },
  "xz without a checksum": {
    packed: base64(
      "/Td6WFoAAAD/EtlBAgAhARYAAAB0L+Wj4AF6AEBdADCYiKfqMTbakbBSrnzwbOeo0CAVmyWnuvXWFf0Q+XaqpUbN04/fns55+dCFApRhCU4cQrXmpYHlq58btoD4AAAAAAFU+wIAAAD7N6fBqAAK/AIAAAAAAFla",
    ),
    unpack: (bytes) => unpackXz(bytes, limit),
  },
  lzma: {
    packed: base64(
      "XQAAgAD//////////wAwmIin6jE22pGwUq588GznqNAgFZslp7r11hX9EPl2qqVGzdOP357OefnQhQKUYQlOHEK15qWB5aufG7bQkcf//9mDAAA=",
    ),
    unpack: (bytes) => unpackLzma(bytes, limit),
  },
  "lz4 of old": {
    packed: base64(
      "AiFMGEcAAAA1YWJjAwD/HwpUaGUgcXVpY2sgYnJvd24gZm94IGp1bXBzIG92ZXIgdGhlIGxhenkgZG9nLiAtAAA/Lgp6AQD/FFB6enp6eg==",
    ),
    unpack: unlz4,
  },
};

/** What came out, or that it was refused for its size: nothing else may happen. */
function attempt({ unpack }: Vector, bytes: Uint8Array): Pick<Unpacked, "broken" | "bytes"> {
  try {
    return unpack(bytes);
  } catch (error) {
    expect(error).toMatchObject({ code: "scan/refused" });
    return { broken: "refused", bytes: new Uint8Array(0) };
  }
}

describe("decoders", () => {
  it.for(Object.entries({ ...summed, ...others }))(
    "give what %s holds, and use it to its end",
    ([, { packed, unpack, plain = text }]) => {
      const { bytes, used, broken } = unpack(packed);
      expect({ text: fromUtf8(bytes), used, broken }).toEqual({ text: plain, used: packed.length, broken: undefined });
    },
  );

  it.for(Object.entries({ ...summed, ...others }))("notice wherever %s is cut short", ([name, vector]) => {
    const first = { "two gzip members": gzipSync(fox).length, "two bzip2 streams": 96, "lz4 of old": 4 }[name];
    for (let length = 1; length < vector.packed.length; length++) {
      const { broken } = attempt(vector, vector.packed.slice(0, length));
      // Between two parts, and in the magic number or header of the second, a cut leaves one that is whole.
      const between = first !== undefined && length >= first && broken === undefined;
      if (!between) expect(broken, `cut to ${length}`).toBeTypeOf("string");
      else expect(length - first).toBeLessThan(18);
    }
  });

  it.for(Object.entries(summed))(
    "never give other bytes than those that were packed as whole: %s with any bit turned",
    ([, vector]) => {
      for (let at = 0; at < vector.packed.length * 8; at++) {
        const packed = vector.packed.slice();
        packed[at >> 3]! ^= 1 << (at & 7);
        const { broken, bytes } = attempt(vector, packed);
        if (broken === undefined && bytes.length > 0) expect(fromUtf8(bytes), `bit ${at}`).toBe(text);
      }
    },
  );

  it.for(Object.entries(others))("come to an end on %s with any byte changed", ([, vector]) => {
    for (let at = 0; at < vector.packed.length; at++) {
      for (const value of [0, 0xff, vector.packed[at]! ^ 0x10]) {
        const packed = vector.packed.slice();
        packed[at] = value;
        expect(attempt(vector, packed).bytes.length).toBeLessThanOrEqual(limit);
      }
    }
  });
});

/** Words, noise and long runs, so that every kind of block is worth a compressor's while. */
const mixed = (() => {
  let state = 1;
  const noise = Uint8Array.from({ length: 20_000 }, () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) >>> 24);
  return new Uint8Array(Buffer.concat([Buffer.from(text.repeat(40)), noise, Buffer.alloc(70_000), noise.subarray(0, 9_000)]));
})();

describe("inflate", () => {
  const { Z_DEFAULT_STRATEGY, Z_FILTERED, Z_FIXED, Z_HUFFMAN_ONLY, Z_RLE } = constants;

  it("gives back what zlib packed, at every level and by every strategy", () => {
    for (let level = 0; level <= 9; level++) {
      for (const strategy of [Z_DEFAULT_STRATEGY, Z_FILTERED, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED]) {
        const { bytes, broken } = raw(new Uint8Array(deflateRawSync(mixed, { level, strategy, memLevel: 1 + (level % 9) })));
        expect({ broken, same: Buffer.compare(bytes, mixed) }).toEqual({ broken: undefined, same: 0 });
      }
    }
  });

  it("takes what zlib takes, and gives the same, when any bit of a raw stream is turned", () => {
    const packed = new Uint8Array(deflateRawSync(text));
    for (let at = 0; at < packed.length * 8; at++) {
      const turned = packed.slice();
      turned[at >> 3]! ^= 1 << (at & 7);
      let theirs: Uint8Array | undefined;
      try {
        theirs = inflateRawSync(turned);
      } catch {
        continue;
      }
      const { bytes, broken } = raw(turned);
      expect({ broken, text: Buffer.from(bytes).toString("latin1") }, `bit ${at}`).toEqual({
        broken: undefined,
        text: Buffer.from(theirs).toString("latin1"),
      });
    }
  });

  it("sums up what goes on to a sink piece by piece", () => {
    const large = new Uint8Array(Buffer.concat(Array.from({ length: 30 }, () => mixed)));
    const packed = new Uint8Array(gzipSync(large, { level: 1 }));
    const run = (given: Uint8Array): { broken: string | undefined; same: boolean } => {
      const parts: Uint8Array[] = [];
      const out = new Draining(1 << 23, (bytes) => void parts.push(bytes));
      const { broken } = inflateGzipInto(bytesSource(given), out);
      out.drain();
      return { broken, same: Buffer.concat(parts).equals(large) };
    };
    expect(large.length).toBeGreaterThan(2 << 20);
    expect(run(packed)).toEqual({ broken: undefined, same: true });
    packed[packed.length - 8]! ^= 1;
    expect(run(packed)).toEqual({ broken: "its checksum does not match", same: true });
  });
});

describe("checksums", () => {
  const check = utf8("123456789");
  const hex = (value: number): string => value.toString(16).padStart(8, "0");

  it("have the check values of the catalogue of CRCs, of Adler-32 and of xxHash", () => {
    expect(hex(crc32(check))).toBe("cbf43926");
    expect(hex(bzip2Crc(check))).toBe("fc891918");
    expect(Buffer.from(crc64(check).toReversed()).toString("hex")).toBe("995dc9bbdf1939fa");
    expect(hex(adler32(utf8("Wikipedia")))).toBe("11e60398");
    expect(hex(xxhash32(new Uint8Array(0)))).toBe("02cc5d05");
    expect(hex(xxhash32(utf8("Nobody inspects the spammish repetition")))).toBe("e2293b2f");
  });

  it("go on where they stopped", () => {
    for (const sum of [crc32, bzip2Crc, adler32])
      for (const cut of [0, 1, 8, 5_600, mixed.length])
        expect(sum(mixed.subarray(cut), sum(mixed.subarray(0, cut)))).toBe(sum(mixed));
  });
});
