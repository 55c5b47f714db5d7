/** Files that h5py 3.16 wrote with the oldest and the newest form of its library, packed by gzip. */
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { scanBytes } from "../index.ts";

const plain =
  "H4sIAAAAAAACA+v0cHHj5ZLiYgABDg4GFgYBBmTwHwoUOFD5MPkEKM0IpTug9AommDgjWE4CKi4INR9dXUiQqytI9X80ALPHgAVCo7puFIwU4OHqGACiI6B8BSh9gglVXQqULobS+imo6dOCRHsZGVghehlhfEhKZmSECECTJZxmBqZQkIwAML9AsowDmGQF8kDiTExMYI0cUHOYGaHK4D6CgQmDMh6C/fxdGBmYYI5mUGDGr14ArRyBRZfEaJIeBaNg0ABY+cgEL8cgAAB5S27pIAgAAA==";
const files: Readonly<Record<string, readonly [messages: readonly string[], packed: string]>> = {
  "an external link, the oldest form": [
    ["by an external link it leads to `/etc/passwd`"],
    "H4sIAAAAAAACA+v0cHHj5ZLiYgABDg4GFgYBBmTwHwoKmFH5MPkEKM0IpTug9AommDgLWE4CKi4ANV8Bal4AVDwkyNUV2Xx0e0bByAYero7gpBIB5XNA6RNMqOpg6TCASvYywVMu9pTJBXQJI5J6Nqh6Rg4HxkRgUtdPLUnWL0gsLi5PYdCvYGAAADIFLldwAwAA",
  ],
  "an external link, the newest form": [
    ["by an external link it leads to `/etc/passwd`"],
    "H4sIAAAAAAACA+v0cHHj5ZLiYubgYICB/1CwGco3gNJTQ8O6/T1cgpgYKpiEkBXCABcTAyMDA5s4AwMjhwNjogADg35qSbJ+QWJxcXkKg34FA4MtA2Vg78SvNQAur+qUswAAAA==",
  ],
  "external storage, the oldest form": [
    ["by external storage it takes values from another file"],
    "H4sIAAAAAAACA+v0cHHj5ZLiYgABDg4GFgYBBmTwHwo2sKLyYfIJUJoRSndA6RVMMHFGsJwEVFwQaj66upAgV1eQ6v9oAGZPBguE5mAYBSMReLg6BoDoCCgflkpPMKGqS0FLjx4U2svIwAYxixHGh6RkRkaIADRZwmlmoMsYoe5jREqxrEAaxGdiYgILszNogPmM0DxigCN9w8zlgNrLzAjLGSxoKhPoGg8SaOEcgOYc/dSSZP2CxOLickiMBPv5u4D8CfOfAvNomiYHAAB39FddsAUAAA==",
  ],
  "external storage, the newest form": [
    ["by external storage it takes values from another file"],
    "H4sIAAAAAAACA+v0cHHj5ZLiYubgYICB/1DwnRHCN4CKL80R9fX3cAliYqhgEkJWCANcTAxALWw8DECKMWUzzDwPBqoBqd8HjMFOAFrAKMLAwMTIyMgClYPRzDwMjAIMIDeAAAcDK9BVzFzsGkAdYFFGhv1Qj3GgmQ4zgQPoO2ZGmK9gogw9DIMKFB/pOOPh6hgAYktAxaAeY7jPiKpWP7UkWb8gsbi4PAXMBwAHh6R79wEAAA==",
  ],
  "a virtual dataset, the oldest form": [
    ["by a virtual dataset it takes values from another file"],
    "H4sIAAAAAAACA+v0cHHj5ZLiYgABDg4GFgYBBmTwHwoYJND4UJAApRmhdAeUXsEEE2cEy0G1MwhCzUdXFxLk6gpS/R8NwOwxYIHQHAyjYCQCD1fHABAdAeXDUukJJlR1KWjp0YNCexkZ2CBmMcL4kJTMyAgRgCZLOM0MdBkj1H2MSCmWFUiD+EzMTIwQUYgPWJhhSRqiWgjKBfGOnOTKRuSUwQGC/fxdQDkalg8VmEfT5igYBUMVuDv7+zAiFaiwctOXAa0g1S/JLdDPL8lILdLLMAUWs8xIciDAhMSHFX6M8EKRgSEpLccNSfkE/tGwHwWjYBSMglEwCkbBKBgFo2AUjIJRMAroBQARfvmsABgAAA==",
  ],
  "a virtual dataset, the newest form": [
    ["by a virtual dataset it takes values from another file"],
    "H4sIAAAAAAACA+3Vv2oCQRAG8G92NTnOf0ewCHbWARXEBwhKvEIQfAYDgogiFnmF6y3E17ATCwtB8kwWZvfchUuXQoTA94Nj2NnZvblrJol7H6WwFuoggHd18Hpbt1z+PUmeh3FvpPClXrKFXqggwFMRJsh45++LcTe1y7GdtlA/fYfT7AORKqBEJOdqfdRFSATbkxUgb7rUhaBsKjTcV6d7B/xr+8p5DSIior/od4eDdPhFmUFodH2BTzRXs0Vzvpp8LhuTDsbQmT1L2Ulrc0rcOTETOPe2jX69b1PhPyciIiIiIiJ6tB+NWDqWABgAAA==",
  ],
};

const messagesOf = (bytes: Uint8Array): string[] =>
  scanBytes(bytes, "weights.h5")[0]!
    .findings.filter(({ rule }) => rule === "model/hdf5-outside")
    .map(({ message }) => message);
const unpacked = (packed: string): Uint8Array => new Uint8Array(gunzipSync(Buffer.from(packed, "base64")));

describe("HDF5 files", () => {
  it.for(Object.entries(files))("with %s are told to read other files", ([, [messages, packed]]) => {
    expect(messagesOf(unpacked(packed))).toEqual(messages);
  });

  it("with a block of its user in front are told, too: addresses count from the signature", () => {
    const [messages, packed] = files["external storage, the newest form"]!;
    expect(messagesOf(new Uint8Array(Buffer.concat([Buffer.alloc(512, " "), unpacked(packed)])))).toEqual(messages);
  });

  it("with links inside themselves are not", () => {
    expect(messagesOf(unpacked(plain))).toEqual([]);
  });
});
