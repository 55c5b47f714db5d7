import { describe, expect, it } from "vitest";
import { cycloneDxErrors } from "../../../../test/helpers/cyclonedx.ts";
import { aboutModel, GraphBuilder } from "../../../model/onnx/index.ts";
import { modelBom, packageBom } from "../index.ts";
import type { ModelBomFacts, ModelCard } from "../index.ts";

const made = {
  toolVersion: "1.2.3",
  timestamp: "2026-01-01T00:00:00.000Z",
  runtime: { name: "onnxruntime-node", version: "1.30.0" },
};
const digest = (digit: string): string => `sha256:${digit.repeat(64)}`;
const graph = new GraphBuilder();
graph.output(graph.op("Softmax", [graph.op("Relu", [graph.input("x", "float32", ["N", 4])])]), "float32", ["N", 4]);
const card: ModelCard = { name: "m.onnx", digest: digest("a"), sizeBytes: 10, about: aboutModel(graph.model()), assessments: [] };
const full: ModelCard = {
  ...card,
  version: "3",
  parameters: 20,
  training: {
    data: [
      { use: "training", name: "mnist", digest: digest("b"), size: 60_000 },
      { use: "validation", name: "held back", digest: digest("c"), size: 5_000 },
    ],
    from: digest("d"),
    loss: "cross-entropy",
    epochs: 3,
    figures: [{ name: "validation_accuracy", value: 0.98, n: 5_000 }],
    record: "{}",
  },
  assessments: [
    {
      figures: [{ name: "robust_accuracy@linf:0.1", value: 0.2, n: 100, interval: { low: 0.1, high: 0.3, level: 0.95 } }],
      data: { use: "assessment", name: "mnist", digest: digest("b"), size: 100 },
      limits: ["linf 0.1: broken"],
      seed: 1,
      replay: "modelkeep assess m.onnx",
    },
  ],
  signature: {
    file: "m onnx.sig",
    verdict: "verified",
    signer: "team",
    method: "key",
    fingerprint: digest("e"),
    digest: digest("f"),
  },
};

describe("an ML-BOM", () => {
  it.for<[string, Omit<ModelBomFacts, keyof typeof made>]>([
    ["of a bare graph", { models: [card], files: [] }],
    ["of a graph with its record, assessment and signer", { models: [full], files: [{ path: "w.bin", digest: digest("1") }] }],
    [
      "of a folder of two graphs",
      { models: [full, { ...card, digest: digest("2") }], files: [], folder: { name: "f", rootDigest: digest("9") } },
    ],
    [
      "of a folder without one",
      {
        models: [],
        files: [{ path: "a.safetensors", digest: digest("1") }],
        folder: { name: "f", rootDigest: digest("9"), architecture: "BertModel" },
      },
    ],
  ])("%s is valid CycloneDX 1.6, and every reference in it leads somewhere", ([, facts]) => {
    const bom = modelBom({ ...facts, ...made });
    expect(cycloneDxErrors(bom)).toEqual([]);
    const { metadata, components, dependencies } = bom as unknown as {
      metadata: { component: { "bom-ref": string } };
      components: { "bom-ref": string }[];
      dependencies: { ref: string; dependsOn: string[] }[];
    };
    const refs = [metadata.component, ...components].map((one) => one["bom-ref"]);
    expect(new Set(refs).size).toBe(refs.length);
    for (const { ref, dependsOn } of dependencies) expect(refs).toEqual(expect.arrayContaining([ref, ...dependsOn]));
    expect(bom["serialNumber"]).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it("says what the model is, learnt from, withstands, who signed it, and what runs it", () => {
    const bom = modelBom({ models: [full], files: [], ...made });
    expect(bom["metadata"]).toMatchObject({
      component: {
        type: "machine-learning-model",
        version: "3",
        hashes: [{ alg: "SHA-256", content: "a".repeat(64) }],
        pedigree: { ancestors: [{ hashes: [{ content: "d".repeat(64) }] }] },
        externalReferences: [{ type: "digital-signature", url: "m%20onnx.sig", comment: "verified: team" }],
        modelCard: {
          modelParameters: {
            approach: { type: "supervised" },
            task: "classification",
            modelArchitecture: "Relu ×1, Softmax ×1",
            datasets: [{ ref: `data:${digest("b")}` }, { ref: `data:${digest("c")}` }],
            inputs: [{ format: "x: float32[N,4]" }],
          },
          quantitativeAnalysis: {
            performanceMetrics: [
              { type: "validation_accuracy", value: "0.98" },
              { type: "robust_accuracy@linf:0.1", value: "0.2", confidenceInterval: { lowerBound: "0.1", upperBound: "0.3" } },
            ],
          },
          considerations: { technicalLimitations: ["linf 0.1: broken"] },
        },
      },
    });
    expect(bom["components"]).toMatchObject([
      { type: "data", name: "mnist" },
      { type: "data", name: "held back" },
      { type: "library", purl: "pkg:npm/onnxruntime-node@1.30.0" },
    ]);
  });

  it("is the same bytes for the same model at the same time, and has another serial number at another", () => {
    const at = (timestamp: string) => modelBom({ models: [full], files: [], ...made, timestamp });
    expect(JSON.stringify(at(made.timestamp))).toBe(JSON.stringify(at(made.timestamp)));
    expect(at("2026-01-02T00:00:00.000Z")["serialNumber"]).not.toBe(at(made.timestamp)["serialNumber"]);
  });
});

describe("the packages of an image", () => {
  it("become one component each, in valid CycloneDX 1.6", () => {
    const packages = [
      { name: "musl", version: "1.2", type: "apk", purl: "pkg:apk/alpine/musl@1.2", foundIn: "lib/apk/db/installed" },
      { name: "a", version: "1", type: "npm", purl: "pkg:npm/a@1", foundIn: "app/package.json" },
    ] as const;
    const bom = packageBom({ name: "image.tar", packages, ...made });
    expect(cycloneDxErrors(bom)).toEqual([]);
    expect(bom["components"]).toHaveLength(2);
  });
});
