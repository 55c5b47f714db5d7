// The same session in Chromium (onnxruntime-web) and here (onnxruntime-node). Needs `npm run build` and Chromium.
import { describe, expect, it } from "vitest";
import { GraphBuilder, tensorOf, toNumbers, writeModel } from "../../src/model/onnx/index.ts";
import type { ElementType } from "../../src/model/onnx/index.ts";
import { openSession } from "../../src/model/runtime/index.node.ts";
import { inChromium } from "../helpers/chromium.ts";
import { digits, digitsModel } from "../helpers/digits.ts";

/** What every script starts with. */
const prelude = `
import { openSession } from "modelkeep/runtime";
const file = async (path) => new Uint8Array(await (await fetch(path)).arrayBuffer());
const assets = "/node_modules/onnxruntime-web/dist/";
const outcome = (work) => work.then(() => "fine", ({ code, message, hint }) => ({ code, message, hint }));
const digit = async (rows) => ({ input: { type: "float32", dims: [rows, 1, 28, 28], data: (await file("/x")).subarray(0, rows * 3136) } });
`;
const files = { model: digitsModel(), x: digits(0, 16).input.data };

function identity(type: ElementType): Uint8Array {
  const b = new GraphBuilder();
  b.output(b.op("Identity", [b.input("x", type, ["N"])]), type, ["N"]);
  return writeModel(b.model());
}

describe("a session in Chromium", () => {
  it("computes what it computes in Node, for one thread and for two", async () => {
    const node = await openSession(digitsModel());
    const { logits } = await node.run(digits(0, 16));
    await node.close();
    for (const threads of [1, 2]) {
      const told = await inChromium<{ dims: number[]; values: number[]; info: unknown; isolated: boolean }>(
        `${prelude}
        export default async () => {
          const session = await openSession(await file("/model"), { assets, threads: ${threads} });
          const { logits } = await session.run(await digit(16));
          const { inputs, outputs, provider, absent } = session;
          await session.close();
          return { dims: logits.dims, values: [...new Float32Array(logits.data.slice().buffer)], info: { inputs, outputs, provider, absent }, isolated: crossOriginIsolated };
        };`,
        files,
      );
      expect(told.isolated).toBe(true);
      expect(told.dims).toEqual(logits!.dims);
      expect(told.info).toEqual({ inputs: node.inputs, outputs: node.outputs, provider: "cpu", absent: [] });
      for (const [i, value] of toNumbers(logits!).entries())
        expect(Math.abs(told.values[i]! - value)).toBeLessThan(1e-5 * Math.max(1, Math.abs(value)));
    }
  });

  it("exchanges every element type unchanged", async () => {
    const numeric = [
      "int8",
      "uint8",
      "int16",
      "uint16",
      "int32",
      "uint32",
      "int64",
      "uint64",
      "float16",
      "float32",
      "float64",
      "bool",
    ] as const;
    const samples = numeric.map((type) => ({ type, tensor: tensorOf(type, [3], type === "bool" ? [1, 0, 1] : [1, 2, 100]) }));
    const told = await inChromium<Record<string, number[] | string[]>>(
      `${prelude}
      export default async () => {
        const answers = {};
        for (const [type, bytes] of ${JSON.stringify(samples.map(({ type, tensor }) => [type, [...tensor.data]]))}) {
          const session = await openSession(await file("/" + type), { assets });
          const [y] = Object.values(await session.run({ x: { type, dims: [3], data: Uint8Array.from(bytes) } }));
          answers[type] = [...y.data];
          await session.close();
        }
        const session = await openSession(await file("/string"), { assets });
        const [y] = Object.values(await session.run({ x: { type: "string", dims: [2], data: new Uint8Array(0), strings: ["", "naïve 猫 😀"] } }));
        return { ...answers, string: y.strings };
      };`,
      Object.fromEntries([...numeric, "string" as const].map((type) => [type, identity(type)])),
    );
    const expected = Object.fromEntries(samples.map(({ type, tensor }) => [type, [...tensor.data]]));
    expect(told).toEqual({ ...expected, string: ["", "naïve 猫 😀"] });
  });

  it("tells the same errors, with the node's name", async () => {
    const b = new GraphBuilder();
    const table = b.initializer("table", tensorOf("float32", [3], [10, 20, 30]));
    const [y] = b.call({ op: "Gather", inputs: [table, b.input("i", "int64", ["N"])], name: "emb/lookup" });
    b.output(y!, "float32", ["N"]);
    const told = await inChromium<unknown[]>(
      `${prelude}
      export default async () => {
        const session = await openSession(await file("/lookup"), { assets });
        const index = (i) => ({ i: { type: "int64", dims: [1], data: new Uint8Array(BigInt64Array.of(i).buffer) } });
        const told = [await outcome(session.run(index(7n))), await outcome(session.run({})), await outcome(session.run(index(1n)))];
        told.push(await outcome(session.run(index(1n), { signal: AbortSignal.abort() })));
        await session.close();
        told.push(await outcome(session.run(index(1n))), await outcome(openSession(new Uint8Array(9), { assets })));
        told.push(await outcome(openSession(await file("/lookup"), { assets, providers: ["abacus"] })));
        return told;
      };`,
      { lookup: writeModel(b.model()) },
    );
    expect(told).toMatchObject([
      { code: "runtime/run-failed", message: expect.stringContaining("node `emb/lookup` (Gather)") },
      { code: "runtime/bad-input", message: "input `i` is missing" },
      "fine",
      { code: "runtime/cancelled" },
      { code: "runtime/closed" },
      { code: expect.stringMatching(/^onnx\//) },
      { code: "runtime/no-provider" },
    ]);
  });

  it("gives its memory back when it is closed", async () => {
    const sizes = await inChromium<number[]>(
      `const memories = [];
      WebAssembly.Memory = new Proxy(WebAssembly.Memory, { construct: (made, args) => { const memory = new made(...args); memories.push(memory); return memory; } });
      const { openSession } = await import("modelkeep/runtime");
      const file = async (path) => new Uint8Array(await (await fetch(path)).arrayBuffer());
      export default async () => {
        const [bytes, x, sizes] = [await file("/model"), await file("/x"), []];
        for (let i = 0; i < 40; i++) {
          const session = await openSession(bytes, { assets: "/node_modules/onnxruntime-web/dist/" });
          await session.run({ input: { type: "float32", dims: [16, 1, 28, 28], data: x } });
          await session.close();
          sizes.push(memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0));
        }
        return sizes;
      };`,
      files,
    );
    expect(sizes[0]).toBeGreaterThan(0);
    expect(sizes.at(-1)).toBe(sizes[4]);
  });
});
