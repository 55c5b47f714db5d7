/** Damaged archives and charts: whatever the bytes, the scan ends, says something, and does not throw. */
import { deflateSync, gzipSync } from "node:zlib";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeTar } from "./rules/make-tar.ts";
import { scanBytes } from "./index.ts";

/** A small generator of numbers (Numerical Recipes, 7.1): the same files on every run. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
}

const chart = `apiVersion: apps/v1
kind: Deployment
metadata: {name: a, labels: &l {app: a}}
spec:
  template:
    metadata: {labels: *l}
    spec:
      securityContext: {runAsNonRoot: true}
      containers:
        - {name: c, image: "nginx:1", env: [{name: A, value: "b"}]}
---
apiVersion: v1
kind: List
items: [{apiVersion: v1, kind: Service, metadata: {name: s}}]
`;
const torch = new Uint8Array(readFileSync(join(import.meta.dirname, "../../../test/fixtures/scan/torch.zip"))).subarray(
  0,
  20_000,
);
const member = Buffer.from("\u0080\u0002}q\u0000.", "latin1");
const samples: Readonly<Record<string, Uint8Array>> = {
  chart: new TextEncoder().encode(chart),
  torch,
  tar: makeTar([
    { name: "a", data: "N." },
    { name: "x", data: "12 path=long\n", type: "x" },
    { name: "b", data: "hello" },
  ]),
  gzip: new Uint8Array(gzipSync(makeTar([{ name: "a", data: "N." }]))),
  zlib: new Uint8Array(deflateSync(member)),
  bzip2: new Uint8Array(Buffer.from("QlpoOTFBWSZTWbl+4wgAAAJZgAACQAAQQAAgACGYGYRhdyRThQkLl+4wgA==", "base64")),
  xz: new Uint8Array(
    Buffer.from("/Td6WFoAAATm1rRGAgAhARYAAAB0L+WjAQAEgAJ9cQAuAAAAAKd2l3EAAR0FuC2Arx+2830BAAAAAARZWg==", "base64"),
  ),
  pickle: new Uint8Array(Buffer.from("80049512000000000000007d94288c0161944b018c0162945d9465752e", "hex")),
  gguf: new TextEncoder().encode(`GGUF\u0003\0\0\0${"\0".repeat(8)}\u0001${"\0".repeat(15)}`),
  safetensors: new TextEncoder().encode(`\u0029\0\0\0\0\0\0\0{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}x`),
  hdf5: new Uint8Array(Buffer.from('\u0089HDF\r\n\u001a\n{"class_name": "Dense", "config": {}}', "latin1")),
};

function mutate(bytes: Uint8Array, next: () => number): Uint8Array {
  const out = [...bytes];
  for (let i = 0; i < 1 + next() * 6; i++) {
    const at = Math.floor(next() * out.length);
    const how = next();
    if (how < 0.4) out[at] = Math.floor(next() * 256);
    else if (how < 0.6) out.splice(at, Math.floor(next() * 40));
    else if (how < 0.8) out.splice(at, 0, ...out.slice(at, at + Math.floor(next() * 40)));
    else if (how < 0.9) out.length = Math.max(1, at);
    else for (let j = at; j < Math.min(at + 4, out.length); j++) out[j] = 0xff;
  }
  return Uint8Array.from(out);
}

describe("damaged files", () => {
  it.for(Object.entries(samples))("of %s never make a scan crash or go on for ever", ([, bytes]) => {
    const next = numbers(42);
    for (let i = 0; i < 40; i++) {
      const targets = scanBytes(mutate(bytes, next), "file", {
        limits: { maxTotalUnpackedBytes: 1 << 24, maxUnpackedBytes: 1 << 22 },
      });
      expect(targets.length).toBeGreaterThan(0);
      for (const { status, findings } of targets) if (status === "failed") expect(findings.length).toBeGreaterThan(0);
    }
  });
});
