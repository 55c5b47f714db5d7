import { isModelkeepError } from "../../../../base/error/index.ts";
import { checkLocation } from "../../../../model/onnx/index.ts";
import { defineRule } from "../../define.ts";
import type { Hit } from "../../define.ts";
import type { FolderSource } from "../../engine/folder.ts";
import { externalModel, plainModel } from "../onnx-fixtures.ts";

export const onnxExternal = defineRule({
  id: "model/onnx-external",
  title: "ONNX model that reads a file it must not",
  severity: "high",
  why: "whoever loads the model reads a file of the machine into its weights, and a model can answer with its weights",
  fix: "save the model again with its data in one plain file beside it, or inside",
  references: ["cve:2022-25882", "cve:2024-27318", "cve:2026-27489", "cve:2026-34446", "cve:2026-34447", "cwe:22", "cwe:59"],
  subject: "onnx",
  *check({ external }, { folder }) {
    for (const [location, ranges] of external) {
      const wrong = locationProblem(location);
      if (wrong !== undefined) yield { message: wrong, severity: "critical", where: { field: "external_data.location" } };
      else if (folder === undefined)
        yield { message: `its data lies in ${location}, which cannot be looked at from here`, severity: "medium" };
      else yield* atPlace(folder, location, ranges);
    }
  },
  fixtures: {
    bad: [
      { name: "up.onnx", content: () => externalModel("../../etc/passwd") },
      { name: "absolute.onnx", content: () => externalModel("/etc/passwd") },
      { name: "unc.onnx", content: () => externalModel("\\\\host\\share\\x") },
      { name: "missing.onnx", content: () => externalModel("weights.bin") },
      { name: "short.onnx", content: () => externalModel("weights.bin"), beside: { "weights.bin": "123" } },
    ],
    good: [
      { name: "beside.onnx", content: () => externalModel("weights.bin"), beside: { "weights.bin": "0123456789abcdef" } },
      { name: "inside.onnx", content: () => plainModel() },
    ],
  },
});

function locationProblem(location: string): string | undefined {
  try {
    checkLocation(location);
    return undefined;
  } catch (error) {
    if (isModelkeepError(error)) return error.message;
    throw error;
  }
}

function* atPlace(
  folder: FolderSource,
  location: string,
  ranges: readonly { offset: number; length: number | undefined }[],
): Generator<Hit> {
  const { exists, linkAt, isFile, hardLinks, sizeBytes } = folder.facts(location);
  if (!exists) yield { message: `its data file ${location} is not there`, severity: "medium" };
  else if (linkAt !== undefined)
    yield { message: `its data file ${location} is behind the symbolic link ${linkAt}`, severity: "critical" };
  else if (!isFile) yield { message: `its data ${location} is no regular file` };
  else if (hardLinks > 1) yield { message: `its data file ${location} is one of ${hardLinks} hard links to the same file` };
  for (const { offset, length } of exists ? ranges : []) {
    if (offset + (length ?? 0) > sizeBytes)
      yield { message: `a tensor reaches to byte ${offset + (length ?? 0)} of ${location}, which has ${sizeBytes}` };
  }
}
