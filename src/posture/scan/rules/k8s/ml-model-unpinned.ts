import { defineRule } from "../../define.ts";
import { at, entriesAt } from "../../k8s/fields.ts";
import type { FieldPath } from "../../k8s/fields.ts";
import { hitAt } from "../../k8s/manifest/hits.ts";

const service = (uri: string) =>
  `apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata: {name: a}\nspec:\n  predictor:\n    model:\n      modelFormat: {name: onnx}\n      storageUri: ${uri}\n`;

/** KServe fetches whatever the address holds at start (kserve/kserve#5789 asks for integrity). */
export const mlModelUnpinned = defineRule({
  id: "k8s/ml-model-unpinned",
  title: "Models are fetched at a version that cannot change",
  severity: "medium",
  why: "the model is code and weights: whoever may write to the bucket or the hub's branch decides what is served next",
  fix: "name a commit (hf://org/model:<40 hex digits>), an OCI digest, or serve a model whose signature is checked at load",
  references: ["atlas:AML.T0010", "cwe:494", "https://github.com/kserve/kserve/issues/5789"],
  subject: "manifest",
  *check(manifest) {
    if (!manifest.apiVersion.includes("kserve.io") && !manifest.apiVersion.includes("machinelearning.seldon.io")) return;
    for (const [path, uri] of urisOf(at(manifest.value, "spec"), ["spec"])) {
      if (!isPinned(uri)) yield hitAt(manifest, path, { message: `it serves whatever ${uri} holds at start` });
    }
  },
  fixtures: {
    bad: [
      { name: "bucket.yaml", content: service("s3://models/fraud") },
      { name: "hub.yaml", content: service("hf://org/model") },
    ],
    good: [
      { name: "commit.yaml", content: service(`hf://org/model:${"0a".repeat(20)}`) },
      { name: "digest.yaml", content: service(`oci://registry.example/model@sha256:${"ab".repeat(32)}`) },
      { name: "volume.yaml", content: service("pvc://models/fraud") },
    ],
  },
});

function* urisOf(value: unknown, path: FieldPath): Generator<readonly [FieldPath, string]> {
  if (path.length > 10) return;
  if (Array.isArray(value)) for (const [i, item] of value.entries()) yield* urisOf(item, [...path, i]);
  for (const [key, inner] of entriesAt(value)) {
    if (/^(?:storageUri|modelUri|model_uri)$/.test(key) && typeof inner === "string" && inner !== "")
      yield [[...path, key], inner];
    else yield* urisOf(inner, [...path, key]);
  }
}

/** A digest or a commit in the address, or a volume whose content is the cluster's own matter. */
function isPinned(uri: string): boolean {
  return /@sha256:[0-9a-f]{64}$/.test(uri) || /[:@/=][0-9a-f]{40}(?:[/?]|$)/.test(uri) || /^(?:pvc|file):\/\//.test(uri);
}
