import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { echoModel, openWorld, rowsOf, type World } from "../../../test/helpers/gateway.ts";
import { GraphBuilder, writeModel } from "../../model/onnx/index.ts";
import { withDefences } from "./models/front.ts";

/** Gives what it is given, and calls a row as suspicious as its first number says; above 0.6 is flagged. */
function watchedEcho(): Uint8Array {
  const b = new GraphBuilder({ name: "watched" });
  const x = b.input("x", "float32", ["N", 2]);
  b.call({ op: "Mul", inputs: [x, b.scalar("float32", 1)], outputs: ["y"] });
  b.output("y", "float32", ["N", 2]);
  const first = b.op("Slice", [x, b.ints([0]), b.ints([1]), b.ints([1])]);
  b.call({ op: "Squeeze", inputs: [first, b.ints([1])], outputs: ["suspicion"] });
  b.output("suspicion", "float32", ["N"]);
  const calibration = { rate: 0.05, bound: 0.049, confidence: 0.95, n: 500, exceeding: 17 };
  const detector = { id: "squeeze", params: {}, output: "suspicion", threshold: 0.6, calibration };
  const record = JSON.stringify({ schema: "modelkeep.defence/1", defences: [], detector });
  return writeModel({ ...b.model(), metadata: new Map([["modelkeep.defence", record]]) });
}

interface Answer {
  readonly outputs: readonly { readonly name: string; readonly data: readonly number[] }[];
}

let world: World;
beforeAll(async () => {
  const serve = [{ path: "echo.onnx", defences: ["squeeze:bits=1"] }, { path: "watched.onnx" }];
  world = await openWorld({ files: { "echo.onnx": echoModel(), "watched.onnx": watchedEcho() }, models: { serve } });
}, 60_000);
afterAll(() => world.close());

describe("a model with a defence in front", () => {
  it("sees what the defence leaves of an input", async () => {
    const { outputs } = (await (await world.infer("echo", rowsOf([0.2, 0.7], [0.6, 0.4]))).json()) as Answer;
    expect(outputs[0]!.data).toEqual([0, 1, 1, 0]);
  });

  it("is in the log with its defences, under the digest of the file as it was scanned", async () => {
    const added = (await world.entries()).find(({ kind, subject }) => kind === "model.added" && subject?.id === "echo");
    expect(added).toMatchObject({ detail: { defences: ["squeeze:bits=1"] } });
    expect(added?.subject?.digest).toBe(world.models.find("echo")!.digest);
  });

  it("is not served with a defence that does not fit or does not exist", async () => {
    await expect(withDefences(echoModel(), ["median"])).rejects.toMatchObject({ code: "defend/unsupported-model" });
    const refusal = { code: "registry/unknown", hint: "did you mean `squeeze`?", exit: 4 };
    await expect(withDefences(echoModel(), ["sqeeze"])).rejects.toMatchObject(refusal);
  });
});

describe("a model whose file carries a detector", () => {
  it("answers what is not suspicious, and shows nobody how suspicious it is", async () => {
    const answer = (await (await world.infer("watched", rowsOf([0.2, 0.7], [0.6, 0.4]))).json()) as Answer;

    expect(answer.outputs).toEqual([{ name: "y", datatype: "FP32", shape: [2, 2], data: [0.2, 0.7, 0.6, 0.4] }]);
    const metadata = (await (await world.fetch("/v2/models/watched")).json()) as Answer;
    expect(metadata.outputs.map(({ name }) => name)).toEqual(["y"]);
    const asked = await world.infer("watched", { ...rowsOf([0.2, 0.7]), outputs: [{ name: "suspicion" }] });
    expect([asked.status, ((await asked.json()) as { code: string }).code]).toEqual([400, "gateway/unknown-output"]);
  });

  it("refuses a request with one suspicious row, without a word of how suspicious, and enters it in the log", async () => {
    const response = await world.infer("watched", rowsOf([0.2, 0.7], [0.875, 0.4]));
    const text = await response.text();
    expect(response.status).toBe(422);
    expect(JSON.parse(text)).toMatchObject({ code: "gateway/suspicious-input" });
    expect(text).not.toMatch(/0\.|875|suspicion/);
    expect((await world.entries()).at(-1)).toMatchObject({
      kind: "request.refused",
      outcome: "denied",
      code: "gateway/suspicious-input",
      subject: { type: "model", id: "watched" },
      detail: { status: 422, suspicion: { rows: 1, largest: 0.875, threshold: Math.fround(0.6) } },
    });
  });
});
