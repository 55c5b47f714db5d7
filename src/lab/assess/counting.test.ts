import { describe, expect, it } from "vitest";
import { openSession } from "../../model/runtime/index.node.ts";
import { openRemoteTarget } from "../attack/index.node.ts";
import { assess, parseThreat, remoteSubject } from "./index.ts";

/** A server that scores the sum of two numbers, counts every row it is sent, and refuses requests in which one looks odd. */
function guardedServer(odd: (row: Float32Array) => boolean) {
  const seen = { rows: 0, refused: 0 };
  const metadata = {
    name: "m",
    inputs: [{ name: "x", datatype: "FP32", shape: [-1, 2] }],
    outputs: [{ name: "y", datatype: "FP32", shape: [-1, 2] }],
  };
  const answer: typeof fetch = async (_url, init) => {
    if (init?.method !== "POST") return Response.json(metadata);
    const { inputs } = JSON.parse(Buffer.from(init.body as Uint8Array).toString()) as { inputs: { data: number[] }[] };
    const values = Float32Array.from(inputs[0]!.data);
    const rows = Array.from({ length: values.length / 2 }, (_, i) => values.subarray(2 * i, 2 * i + 2));
    seen.rows += rows.length;
    if (rows.some(odd)) {
      seen.refused++;
      return Response.json({ code: "gateway/suspicious-input" }, { status: 422 });
    }
    const data = rows.flatMap(([a, b]) => [0, a! + b! - 1]);
    return Response.json({ outputs: [{ name: "y", datatype: "FP32", shape: [rows.length, 2], data }] });
  };
  return { seen, answer };
}

describe("questions that cost something", () => {
  it.for([
    ["a detector that refuses some of the examples and some of the attacks", (row: Float32Array) => row[0]! > 0.9, 4000],
    ["the same within fewer questions", (row: Float32Array) => row[0]! > 0.9, 150],
    ["no detector", () => false, 4000],
  ] as const)("are counted exactly, those asked again after a refusal too: %s", async ([, odd, queries]) => {
    const { seen, answer } = guardedServer(odd);
    const target = await openRemoteTarget("http://host/v2/models/m", { fetch: answer, sleep: async () => {} });
    const x = Float32Array.from({ length: 40 }, (_, i) => ((i * 37) % 97) / 100);
    const labels = Int32Array.from({ length: 20 }, (_, i) => Number(x[2 * i]! + x[2 * i + 1]! > 1));
    const { queries: counted } = await assess({
      subject: remoteSubject(target),
      open: openSession,
      x,
      labels,
      threats: [parseThreat("linf:0.1,0.2")],
      bounds: { low: 0, high: 1 },
      boundsTold: true,
      attacks: "auto",
      queries,
      now: () => performance.now(),
    });
    expect(counted).toBe(seen.rows);
    expect(counted).toBeLessThanOrEqual(queries);
    expect(seen.refused > 0).toBe(odd.length > 0);
  });
});
