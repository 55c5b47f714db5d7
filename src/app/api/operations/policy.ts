import { z } from "zod";
import { actions } from "../../../guard/access/index.ts";
import { defineOperation } from "../define.ts";
import { present } from "../present.ts";

const action = z.enum(actions);

export const policyTest = defineOperation({
  id: "policy.test",
  title: "Table of who may do what",
  input: z.strictObject({
    models: z.array(z.string()).optional(),
    principals: z.array(z.string()).optional(),
    actions: z.array(action).optional(),
    address: z.string().optional(),
  }),
  // Without names, the models that are served; while none are, one that stands for any model.
  run: ({ access, models }, input) => {
    const served = [...new Set(models?.list().map(({ name }) => name) ?? [])];
    return access.policies.test({ ...present(input), models: input.models ?? (served.length > 0 ? served : ["any-model"]) });
  },
});

export const policyExplain = defineOperation({
  id: "policy.explain",
  title: "Why one request is allowed or denied",
  input: z.strictObject({
    credential: z.string().optional(),
    principal: z.string().optional(),
    action,
    model: z.string().optional(),
    version: z.string().optional(),
    address: z.string().optional(),
    timeMs: z.number().optional(),
  }),
  run: ({ access }, input) => access.policies.explain(present(input)),
});

export const policyReload = defineOperation({
  id: "policy.reload",
  title: "Read the policy files again and put them in force as a whole",
  input: z.strictObject({}),
  run: ({ access }, _, by) => access.policies.reload(by),
});
