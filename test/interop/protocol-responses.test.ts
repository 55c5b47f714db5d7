import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { encodeInfer } from "../../src/guard/gateway/protocol/encode.ts";
import { datatypes, wireTypeOf, type Datatype } from "../../src/guard/gateway/protocol/datatypes.ts";
import { defaultProtocolLimits } from "../../src/guard/gateway/protocol/limits.ts";
import { tensorOf, type Tensor } from "../../src/model/onnx/index.ts";
import { pythonWith } from "../helpers/python.ts";

const packages = readFileSync(new URL("python/requirements.txt", import.meta.url), "utf8")
  .trim()
  .split("\n");
const strings = ["", "a", "naïve 猫 😀", '"\\\n'];
const numbers: Partial<Record<Datatype, readonly (number | bigint)[]>> = {
  INT64: [-(2n ** 63n), 2n ** 63n - 1n, 0n, -1n],
  UINT64: [2n ** 64n - 1n, 2n ** 53n + 1n, 0n, 1n],
  BOOL: [1, 0, 0, 1],
  FP16: [0.1, -65504, 6e-8, -0],
  BF16: [0.1, -3e38, 1e-38, -0],
  FP32: [0.1, -3.4028234663852886e38, 1e-45, -0],
  FP64: [0.1, -1.7976931348623157e308, 5e-324, -0],
};

function sample(datatype: Datatype): Tensor {
  if (datatype === "BYTES") return { type: "string", dims: [2, 2], data: new Uint8Array(0), strings };
  return tensorOf(wireTypeOf(datatype)!, [2, 2], numbers[datatype] ?? [0, 1, 100, 127]);
}

interface Case {
  readonly title: string;
  readonly tensors: readonly Tensor[];
  readonly clients: readonly string[];
  readonly body: string;
  readonly jsonBytes: number | null;
  readonly names: readonly string[];
}

function makeCase(
  title: string,
  outputs: readonly { tensor: Tensor; binary: boolean }[],
  clients = ["tritonclient", "kserve"],
): Case {
  const named = outputs.map((output, index) => ({ ...output, name: `y${index}` }));
  const { body, headers } = encodeInfer({ modelName: "m", modelVersion: "1", id: "7", outputs: named }, defaultProtocolLimits);
  const jsonBytes = headers["inference-header-content-length"];
  const tensors = outputs.map(({ tensor }) => tensor);
  const names = named.map(({ name }) => name);
  return {
    title,
    tensors,
    clients,
    names,
    body: body.toString("base64"),
    jsonBytes: jsonBytes === undefined ? null : Number(jsonBytes),
  };
}

// kserve knows no BF16, and turns BYTES of a binary section back into text only where they are UTF-8, as ours always are.
const clientsFor = (datatype: Datatype): string[] => (datatype === "BF16" ? ["tritonclient"] : ["tritonclient", "kserve"]);
const empty: Tensor = { type: "float32", dims: [0, 3], data: new Uint8Array(0) };
const cases = [
  ...datatypes.flatMap((datatype) =>
    [true, false].map((binary) => {
      const form = binary ? "in binary form" : "in JSON";
      return makeCase(`${datatype} ${form}`, [{ tensor: sample(datatype), binary }], clientsFor(datatype));
    }),
  ),
  makeCase("three outputs, the middle one in JSON", [
    { tensor: sample("INT64"), binary: true },
    { tensor: sample("FP32"), binary: false },
    { tensor: sample("BYTES"), binary: true },
  ]),
  makeCase("an empty output in binary form", [{ tensor: empty, binary: true }], ["tritonclient"]),
  makeCase("an empty output in JSON", [{ tensor: empty, binary: false }]),
];

type Seen = readonly { readonly shape: readonly number[]; readonly bytes?: string; readonly strings?: readonly string[] }[];
const inPython = (script: string, input = ""): string =>
  execFileSync(pythonWith(packages), [fileURLToPath(new URL(`python/${script}`, import.meta.url))], { input, encoding: "utf8" });

let answers: readonly Record<string, Seen>[];
beforeAll(() => {
  answers = JSON.parse(inPython("read_responses.py", JSON.stringify(cases)));
});

describe("answers, read by foreign clients", () => {
  it.for(cases.map(({ title }, index) => [title, index] as const))("%s", ([, index]) => {
    const { tensors, clients } = cases[index]!;
    const want = tensors.map(({ dims: shape, data, strings }) =>
      strings === undefined ? { shape, bytes: Buffer.from(data).toString("base64") } : { shape, strings },
    );
    for (const client of clients) expect(answers[index]![client], client).toEqual(want);
  });
});

describe("the golden requests", () => {
  it("are what these clients write", () => {
    const stored = readFileSync(new URL("python/golden_requests.json", import.meta.url), "utf8");
    expect(JSON.parse(inPython("golden_requests.py"))).toEqual(JSON.parse(stored));
  });
});
