import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { cycloneDxErrors } from "../../../../test/helpers/cyclonedx.ts";
import { digestOf } from "../../../base/crypto/index.ts";
import { GraphBuilder, tensorOf, writeModel } from "../../../model/onnx/index.ts";
import type { Model } from "../../../model/onnx/index.ts";
import { signPath, verifyPath } from "../sign/index.ts";
import { bomOfPath, writeBom } from "./index.ts";

const dir = mkdtempSync(join(tmpdir(), "modelkeep-bom-"));
afterAll(() => rmSync(dir, { recursive: true }));
const at = (...names: string[]): string => join(dir, ...names);
const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
writeFileSync(at("key.pem"), pair.privateKey.export({ type: "pkcs8", format: "pem" }));
writeFileSync(at("key.pub"), pair.publicKey.export({ type: "spki", format: "pem" }));

const digest = (digit: string): string => `sha256:${digit.repeat(64)}`;
const record = {
  version: 1,
  data: { name: "mnist", n: 60_000, digest: digest("a") },
  validation: { name: "mnist", n: 5_000, digest: digest("b") },
  from: { digest: digest("c"), scratch: false },
  recipe: { loss: "cross-entropy" },
  epochs: 2,
  last: { epoch: 2, step: 10, loss: 0.1, lr: 0.1, best: true, validation: { accuracy: 0.97 } },
};

function model(training?: unknown): Model {
  const b = new GraphBuilder();
  b.initializer("w", tensorOf("float32", [4, 2], new Float32Array(8)));
  b.output(b.op("MatMul", [b.input("x", "float32", ["N", 4]), "w"]), "float32", ["N", 2]);
  const metadata = training === undefined ? [] : [["modelkeep.training", JSON.stringify(training)] as const];
  return { ...b.model(), metadata: new Map(metadata) };
}

interface Component {
  readonly name: string;
  readonly type: string;
  readonly hashes?: { content: string }[];
  readonly modelCard?: Record<string, never> & {
    modelParameters: object;
    quantitativeAnalysis?: { performanceMetrics: object[] };
  };
  readonly properties?: { name: string; value: string }[];
}
interface Read {
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
}
async function bomAt(path: string, more: object = {}): Promise<Read> {
  const bom = await bomOfPath({ path, ...more });
  expect(cycloneDxErrors(bom)).toEqual([]);
  return bom as unknown as Read;
}
const propertyOf = ({ properties = [] }: Component, name: string): string | undefined =>
  properties.find((one) => one.name === name)?.value;

describe("the bill of materials of a file", () => {
  it("has what its graph, its training record and its signature say", async () => {
    const bytes = writeModel(model(record));
    writeFileSync(at("m.onnx"), bytes);
    await signPath({ path: at("m.onnx"), key: at("key.pem") });
    const { metadata, components } = await bomAt(at("m.onnx"), { trust: { key: at("key.pub") } });
    const { component } = metadata;
    expect(component).toMatchObject({
      name: "m.onnx",
      hashes: [{ content: digestOf(bytes).slice(7) }],
      pedigree: { ancestors: [{ hashes: [{ content: "c".repeat(64) }] }] },
      modelCard: {
        modelParameters: { task: "classification", architectureFamily: "linear model", inputs: [{ format: "x: float32[N,4]" }] },
        quantitativeAnalysis: { performanceMetrics: [{ type: "training_loss" }, { type: "validation_accuracy", value: "0.97" }] },
      },
    });
    expect(propertyOf(component, "modelkeep:signature")).toBe("verified");
    expect(components.map(({ type, name }) => `${type} ${name}`)).toEqual([
      "data mnist",
      "data mnist",
      "library onnxruntime-node",
    ]);
  });

  it("says that a signature was not checked, or is refused, and never that an unchecked one is good", async () => {
    expect(propertyOf((await bomAt(at("m.onnx"))).metadata.component, "modelkeep:signature")).toBe("not checked");
    writeFileSync(at("swapped.onnx"), writeModel(model()));
    writeFileSync(at("swapped.onnx.sig"), readFileSync(at("m.onnx.sig")));
    const swapped = await bomAt(at("swapped.onnx"), { trust: { key: at("key.pub") } });
    expect(propertyOf(swapped.metadata.component, "modelkeep:signature")).toBe("refused");
  });

  it.for<[string, unknown]>([
    ["another form", { data: "everything" }],
    ["a digest that is none", { ...record, data: { ...record.data, digest: "sha256:no" } }],
    ["a list", []],
  ])("passes over a training record with %s", async ([, training]) => {
    writeFileSync(at("odd.onnx"), writeModel(model(training)));
    const { metadata, components } = await bomAt(at("odd.onnx"));
    expect(metadata.component.modelCard?.quantitativeAnalysis).toBeUndefined();
    expect(components.map(({ type }) => type)).toEqual(["library"]);
  });

  it("takes an assessment of this file and of no other", async () => {
    const report = (of: string) => ({
      schema: "modelkeep.assessment/1",
      model: { digest: of },
      data: { name: "mnist", digest: digest("a"), size: 100 },
      cleanAccuracy: 0.9,
      threats: [
        {
          norm: "linf",
          epsilon: 0.1,
          n: 100,
          robustAccuracy: 0.1,
          interval: { low: 0, high: 0.2, level: 0.95 },
          verdict: "broken",
        },
      ],
    });
    writeFileSync(at("ours.json"), JSON.stringify(report(digestOf(writeModel(model(record))))));
    writeFileSync(at("theirs.json"), JSON.stringify(report(digest("0"))));
    writeFileSync(at("none.json"), "{}");
    const { component } = (await bomAt(at("m.onnx"), { assessment: at("ours.json") })).metadata;
    expect(component.modelCard).toMatchObject({ considerations: { technicalLimitations: ["linf 0.1: broken"] } });
    for (const file of ["theirs.json", "none.json"])
      await expect(bomOfPath({ path: at("m.onnx"), assessment: at(file) })).rejects.toMatchObject({
        code: "api/bad-data",
        exit: 4,
      });
  });

  it("has no file whose weights lead out of its folder, and misses none that is gone", async () => {
    const external = (location: string): Model => {
      const made = model();
      const data = {
        type: "float32",
        dims: [4, 2],
        data: new Uint8Array(0),
        external: { location, offset: 0, length: 32 },
      } as const;
      return { ...made, graph: { ...made.graph, initializers: new Map([["w", data]]) } };
    };
    writeFileSync(at("e.onnx"), writeModel(external("w.bin")));
    await expect(bomOfPath({ path: at("e.onnx") })).rejects.toMatchObject({ code: "api/no-such-file" });
    writeFileSync(at("w.bin"), Buffer.alloc(32));
    expect((await bomAt(at("e.onnx"))).components.map(({ name }) => name)).toEqual(["w.bin", "onnxruntime-node"]);
    writeFileSync(at("out.onnx"), writeModel(external("../w.bin")));
    await expect(bomOfPath({ path: at("out.onnx") })).rejects.toMatchObject({ code: "onnx/external-data" });
  });

  it("is signed as an attestation about the model, which verify reads", async () => {
    const bom = await bomOfPath({ path: at("m.onnx") });
    const written = await writeBom({ bom, to: at("m.cdx.json"), signed: { key: at("key.pem") }, about: { path: at("m.onnx") } });
    expect(written).toEqual({ bom: at("m.cdx.json"), attestation: at("m.onnx.cyclonedx.sigstore.json") });
    const verdict = await verifyPath({ path: at("m.onnx"), key: at("key.pub"), attestation: "cyclonedx" });
    expect(verdict).toMatchObject({
      verdict: "verified",
      predicateType: "https://cyclonedx.org/bom",
      predicate: { bomFormat: "CycloneDX" },
    });
  });
});

describe("the bill of materials of a folder", () => {
  it("has each graph with its card, every other file with its hash, and the folder's root digest", async () => {
    mkdirSync(at("f"));
    writeFileSync(at("f/encoder.onnx"), writeModel(model()));
    writeFileSync(at("f/decoder.onnx"), writeModel(model(record)));
    writeFileSync(at("f/config.json"), JSON.stringify({ architectures: ["T5ForConditionalGeneration"] }));
    const { digest: signed } = await signPath({ path: at("f"), key: at("key.pem") });
    const { metadata, components } = await bomAt(at("f"), { trust: { key: at("key.pub") } });
    expect(propertyOf(metadata.component, "modelkeep:root-digest")).toBe(signed);
    expect(propertyOf(metadata.component, "modelkeep:signature")).toBe("verified");
    expect(metadata.component.modelCard?.modelParameters).toEqual({ modelArchitecture: "T5ForConditionalGeneration" });
    expect(components.filter(({ type }) => type === "machine-learning-model").map(({ name }) => name)).toEqual([
      "decoder.onnx",
      "encoder.onnx",
    ]);
    expect(components.filter(({ type }) => type === "file").map(({ name }) => name)).toEqual(["config.json"]);
  });
});
