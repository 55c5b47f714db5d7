// Thousands of damaged models, straight into ONNX Runtime in its cage, without our reader in front. Needs `npm run build`.
import { readdirSync, readFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { createHosts } from "../../src/model/runtime/hosts.node.ts";
import type { Host } from "../../src/model/runtime/host.ts";
import { sampleInputs, seeded } from "../../src/model/runtime/samples.ts";

const mib = 2 ** 20;
const hosts = createHosts();
let host: Host | undefined;
afterAll(() => host?.kill());

const fresh = (): Promise<Host> => hosts.start({ isolation: "process", memoryBytes: 256 * mib, maxOutputBytes: mib });

/** A copy with a few bytes changed, cut out or doubled. */
function damage(bytes: Uint8Array, random: () => number): Uint8Array {
  const at = (): number => Math.floor(random() ** 3 * bytes.length); // the graph lies before the weights
  let damaged = Uint8Array.from(bytes);
  for (let edits = 1 + Math.floor(random() * 4); edits > 0; edits--) {
    const [from, length, kind] = [at(), 1 + Math.floor(random() * 40), random()];
    if (kind < 0.6) damaged[from] = Math.floor(random() * 256);
    else if (kind < 0.8) damaged = Uint8Array.from([...damaged.subarray(0, from), ...damaged.subarray(from + length)]);
    else damaged.copyWithin(from, at(), Math.min(damaged.length, at() + length));
  }
  return damaged;
}

describe("damaged models", () => {
  it("end in a session or in an error with a code, and never in harm to this process", async () => {
    const folder = new URL("../fixtures/gradients/", import.meta.url);
    const files = readdirSync(folder).filter((name) => !name.includes("."));
    const originals = files.map((name) => new Uint8Array(readFileSync(new URL(`${name}/model.onnx`, folder))));
    const random = seeded(20_261_123);
    const seen = new Map<string, number>();
    const count = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1);
    const before = process.memoryUsage().rss;
    for (let i = 0; i < 10_000; i++) {
      host ??= await fresh();
      const bytes = damage(originals[i % originals.length]!, random);
      try {
        const { inputs } = await host.open(bytes, { timeoutMs: 1000, maxOutputBytes: mib, optimisation: i % 2 ? "all" : "none" });
        const made = sampleInputs(inputs, { rows: 1, freeDim: 4, scale: 1, random });
        await host.run(made, { outputs: [], timeoutMs: 5000 });
        count("ran");
      } catch (error) {
        expect(error).toHaveProperty("code", expect.stringMatching(/^(runtime|onnx)\//));
        count((error as { code: string }).code);
      }
      if (host.isLost) {
        count("process replaced");
        host = undefined;
      }
    }
    console.log(Object.fromEntries(seen));
    expect(seen.get("ran")).toBeGreaterThan(100);
    expect(seen.get("runtime/load-refused")).toBeGreaterThan(1000);
    expect(process.memoryUsage().rss - before).toBeLessThan(300 * mib);
  });
});
