import { z } from "zod";
import { ModelkeepError } from "../../../base/error/index.ts";
import type { Models } from "../../../guard/gateway/index.ts";
import { defineOperation } from "../define.ts";
import type {} from "../errors.ts";
import type { Services } from "../services.ts";

export const modelsList = defineOperation({
  id: "models.list",
  title: "List what is served",
  input: z.strictObject({}),
  run: async (services) =>
    served(services)
      .list()
      .map(({ name, version, digest, isolation, contract }) => ({
        name,
        version,
        digest,
        isolation,
        inputs: contract.inputs.map(({ name: input, type, dims }) => ({ name: input, type, dims })),
        outputs: contract.outputs.map(({ name: output, type, dims }) => ({ name: output, type, dims })),
        maxBatch: contract.maxBatch,
      })),
});

export const modelsReload = defineOperation({
  id: "models.reload",
  title: "Look at the model files now and serve what changed",
  input: z.strictObject({}),
  async run(services, _, by) {
    const { refused, ...changed } = await served(services).reload(by);
    return { ...changed, refused: refused.map(({ path, error }) => ({ path, error: error.toJSON() })) };
  },
});

/** @throws `api/not-serving` */
export function served({ models }: Services): Models {
  if (models !== undefined) return models;
  throw new ModelkeepError("api/not-serving", {
    message: "no service runs on this state folder, so nothing is served",
    hint: "start one: `modelkeep serve model.onnx`",
  });
}
