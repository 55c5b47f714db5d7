import { describe, expect, it } from "vitest";
import { isModelkeepError } from "../../../base/error/index.ts";
import { byteLength, elementCount } from "../../../model/onnx/index.ts";
import { decodeInfer } from "./decode.ts";
import { defaultProtocolLimits } from "./limits.ts";
import { mutatedRequest } from "../../../../test/helpers/mutated-requests.ts";

const cases = Number(process.env["FUZZ_CASES"] ?? 100_000);

/** Every refusal that {@link decodeInfer} names. */
const reachable = [
  "gateway/bad-datatype",
  "gateway/bad-json",
  "gateway/bad-request",
  "gateway/bad-shape",
  "gateway/bad-value",
  "gateway/duplicate-name",
  "gateway/tensor-too-large",
  "gateway/unsupported-extension",
  "gateway/wrong-size",
];

describe("mutated requests", () => {
  it(
    `end in tensors that agree with themselves or in a 4xx, never in anything else (${cases} cases)`,
    { timeout: 600_000 },
    () => {
      let accepted = 0;
      let slowestMs = 0;
      let rssAfterWarmUp = 0;
      const codes = new Set<string>();
      for (let index = 0; index < cases; index++) {
        const { body, plan } = mutatedRequest(index);
        const start = process.cpuUsage();
        try {
          for (const { tensor } of decodeInfer(body, plan, defaultProtocolLimits).inputs) {
            const count = elementCount(tensor.dims);
            const fits =
              tensor.strings === undefined
                ? tensor.data.length === byteLength(tensor.type, count)
                : tensor.strings.length === count;
            if (!fits) throw new Error(`case ${index}: a tensor disagrees with its shape`);
          }
          accepted++;
        } catch (error) {
          if (!isModelkeepError(error)) throw new Error(`case ${index}`, { cause: error });
          if (error.status < 400 || error.status > 499 || error.hint === undefined)
            throw new Error(`case ${index}`, { cause: error });
          codes.add(error.code);
        }
        const { user, system } = process.cpuUsage(start);
        slowestMs = Math.max(slowestMs, (user + system) / 1000);
        if (index === Math.floor(cases / 4)) rssAfterWarmUp = process.memoryUsage().rss;
      }
      // The mutations must reach both ends of the parser, or they test nothing.
      expect(accepted).toBeGreaterThan(cases / 100);
      expect([...codes].sort()).toEqual(reachable);
      // Of CPU, so that what else the machine does is not counted. Generous: a garbage collection, not a parser that goes quadratic.
      expect(slowestMs).toBeLessThan(2000);
      expect(process.memoryUsage().rss - rssAfterWarmUp).toBeLessThan(150 * 2 ** 20);
    },
  );
});
