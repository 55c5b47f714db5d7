import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { decodeInfer } from "../../src/guard/gateway/protocol/decode.ts";
import { datatypeOf, datatypes } from "../../src/guard/gateway/protocol/datatypes.ts";
import { defaultProtocolLimits } from "../../src/guard/gateway/protocol/limits.ts";

/** Made by `test/interop/python/golden_requests.py` with the clients' own code. */
interface GoldenRequest {
  readonly title: string;
  /** Base64. */
  readonly body: string;
  readonly jsonBytes: number | null;
  readonly id: string | null;
  readonly binaryOutputs: boolean;
  readonly inputs: readonly {
    readonly name: string;
    readonly datatype: string;
    readonly shape: readonly number[];
    /** Base64 of the elements as numpy holds them. */
    readonly bytes?: string;
    readonly strings?: readonly string[];
  }[];
}

const file = new URL("../interop/python/golden_requests.json", import.meta.url);
const requests = JSON.parse(readFileSync(file, "utf8")) as readonly GoldenRequest[];

describe("requests that foreign clients wrote", () => {
  it.for(requests)("$title", (golden) => {
    const body = new Uint8Array(Buffer.from(golden.body, "base64"));
    const plan = { bodyBytes: body.length, jsonBytes: golden.jsonBytes ?? body.length };
    const request = decodeInfer(body, plan, defaultProtocolLimits);
    expect(request.id ?? null).toBe(golden.id);
    expect(request.binaryOutputs).toBe(golden.binaryOutputs);
    expect(request.inputs).toHaveLength(golden.inputs.length);
    golden.inputs.forEach((want, index) => {
      const { name, tensor } = request.inputs[index]!;
      expect([name, datatypeOf(tensor.type), tensor.dims]).toEqual([want.name, want.datatype, want.shape]);
      if (want.bytes === undefined) expect(tensor.strings).toEqual(want.strings);
      // JSON knows one NaN; the pattern that comes back for it is numpy's.
      else expect(Buffer.from(tensor.data).toString("base64")).toBe(want.bytes);
    });
  });

  it("cover every datatype", () => {
    const covered = new Set(requests.flatMap(({ inputs }) => inputs.map(({ datatype }) => datatype)));
    expect([...covered].sort()).toEqual([...datatypes].sort());
  });
});
