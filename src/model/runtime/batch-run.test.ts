import { describe, expect, it } from "vitest";
import { ModelkeepError } from "../../base/error/index.ts";
import { createManualClock } from "../../base/port/index.ts";
import { tensorOf } from "../onnx/index.ts";
import { createBatchRun } from "./batch-run.ts";
import type { Host } from "./host.ts";
import { Pending } from "./pending.ts";

const clock = createManualClock();

/** A host that takes 400 ms, of which its runtime says 300; hosts are a port. */
function host(fails = false): Host {
  const never = new Promise<never>(() => {});
  return {
    lost: never,
    hello: Promise.resolve(""),
    takesMemory: false,
    isLost: false,
    open: () => never,
    write: () => never,
    read: () => never,
    async run(inputs) {
      clock.advance(400);
      if (fails) throw new ModelkeepError("runtime/run-failed", { message: "failed", status: 400 });
      return { outputs: inputs, ms: 300 };
    },
    memoryBytes: () => undefined,
    peakBytes: () => undefined,
    close: async () => {},
    kill: async () => {},
  };
}

function asked(rows: number, spent: number[]): Pending {
  const input = { name: "x", ...tensorOf("float32", [rows, 1], new Float32Array(rows)) };
  return new Pending({
    inputs: [input],
    outputs: [],
    key: "",
    alone: false,
    queuedAtMs: 0,
    deadlineMs: Infinity,
    spent: (ms) => spent.push(ms),
  });
}

const run = createBatchRun({
  runTimeoutMs: 1000,
  allocate: (bytes) => new Uint8Array(bytes),
  clock,
  settled: () => {},
  again: () => {},
  ran: () => {},
  mixesRows: () => {},
});

describe("model time", () => {
  it("is told with the answer, and to who did not wait for one by itself: each its share of the rows", async () => {
    const [answered, gone]: [number[], number[]] = [[], []];
    const [waits, left] = [asked(1, answered), asked(2, gone)];
    const late = expect(left.answer).rejects.toThrow("too late");
    left.reject(new ModelkeepError("runtime/deadline", { message: "too late", status: 504 }));
    await run(host(), [waits, left]);
    await late;
    expect((await waits.answer).modelMs).toBe(100);
    expect([answered, gone]).toEqual([[], [200]]);
  });

  it("of a run that fails is spent all the same", async () => {
    const spent: number[] = [];
    const one = asked(1, spent);
    const failed = expect(one.answer).rejects.toThrow("failed");
    await run(host(true), [one]);
    await failed;
    expect(spent).toEqual([400]);
  });
});
