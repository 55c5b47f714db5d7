import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { decodeInfer } from "../../src/guard/gateway/protocol/decode.ts";
import { datatypes } from "../../src/guard/gateway/protocol/datatypes.ts";
import { defaultProtocolLimits } from "../../src/guard/gateway/protocol/limits.ts";
import { planBody } from "../../src/guard/gateway/protocol/plan-body.ts";
import { decode, refusalOf } from "../helpers/requests.ts";
import { checkAgainstContract } from "../../src/guard/gateway/read/check-contract.ts";
import { releaseConfig } from "../../src/guard/gateway/release/rule.ts";
import { contractOf, readModel } from "../../src/model/onnx/index.ts";

const root = new URL("../../", import.meta.url);
const guide = readFileSync(new URL("docs/guide/protocol.md", root), "utf8");
const digits = contractOf(readModel(readFileSync(new URL("examples/models/digits.onnx", root))));
const block = (language: string): string => new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(guide)![1]!;

describe("the guide to the protocol", () => {
  it("shows a binary request that is framed as it says and that the bundled model takes", () => {
    const [head, json] = block("http").split("\n\n") as [string, string];
    const headers = Object.fromEntries(
      [...head.matchAll(/^([A-Za-z-]+): (.*)$/gm)].map(([, name, value]) => [name!.toLowerCase(), value!]),
    );
    const plan = planBody(headers, defaultProtocolLimits);
    const body = new Uint8Array(Buffer.concat([Buffer.from(json.trimEnd()), Buffer.alloc(3136)]));
    expect(checkAgainstContract(decodeInfer(body, plan, defaultProtocolLimits), digits).rows).toBe(1);
  });

  it("shows a curl request that the bundled model takes", () => {
    const [, script] = /node -p '([^']+)'/.exec(guide)!;
    // oxlint-disable-next-line no-implied-eval, no-new-func
    const text = new Function(`return ${script}`)() as string;
    expect(checkAgainstContract(decode(text), digits).outputs).toEqual([{ name: "logits", binary: false }]);
  });

  it("shows a refusal as it is worded", () => {
    const { error, code, hint } = JSON.parse(block("json")) as { error: string; code: string; hint: string };
    const request = decode({
      inputs: [{ name: "input", datatype: "FP32", shape: [1, 28, 28], data: Array.from({ length: 784 }, () => 0) }],
    });
    const refusal = refusalOf(() => checkAgainstContract(request, digits));
    expect({ error, code, hint }).toEqual({ error: refusal.message, code: refusal.code, hint: refusal.hint });
  });

  it("states the limits that hold by default", () => {
    const { maxBodyBytes, maxJsonBytes, maxTensorElements, maxRank, maxJsonAnswerElements } = defaultProtocolLimits;
    const stated =
      /body over\s(\d+) MiB, a JSON part over (\d+) MiB, a tensor over (\d+) million elements or (\d+) dimensions, an answer in JSON over ([\d,]+)/.exec(
        guide,
      )!;
    const [body, json, elements, rank, answer] = stated.slice(1).map((text) => Number(text.replaceAll(",", "")));
    expect([body! * 2 ** 20, json! * 2 ** 20, rank, answer]).toEqual([
      maxBodyBytes,
      maxJsonBytes,
      maxRank,
      maxJsonAnswerElements,
    ]);
    expect(elements).toBe(Math.floor(maxTensorElements / 1e6));
  });

  it("names every datatype and only rules that exist", () => {
    const [, table] = /## Datatypes([^]*?)\*\*NaN/.exec(guide)!;
    for (const name of datatypes) {
      const inRange = /^U?INT(16|32)$/.test(name); // "`INT8` … `INT64`"
      expect(inRange || table!.includes(`\`${name}\``), name).toBe(true);
    }
    for (const rule of [
      { scores: "full" },
      { scores: { top: 3 } },
      { scores: "label" },
      { digits: 2 },
      { hide: ["embedding"] },
    ]) {
      expect(releaseConfig.parse([rule])).toHaveLength(1);
      const [field] = Object.keys(rule);
      expect(guide).toContain(`\`${field}: `);
    }
  });
});
