import { defineRule } from "../../define.ts";
import { containersOf, hitAt, wordsOf } from "../../k8s/manifest/hits.ts";
import { envOf } from "../../k8s/manifest/ml.ts";

const pod = (container: string) =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: a\n    ${container}\n`;
const flags = /^--(?:trust[-_]remote[-_]code)(?:=(?:true|1))?$/i;
const variables = [
  "TRUST_REMOTE_CODE",
  "HF_TRUST_REMOTE_CODE",
  "TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD",
  "VLLM_ALLOW_INSECURE_SERIALIZATION",
];

export const mlRemoteCode = defineRule({
  id: "k8s/ml-remote-code",
  title: "No server runs code that comes with a model",
  severity: "high",
  why: "trust-remote-code runs Python from the model's repository in the server, with its secrets and its network",
  fix: "take the flag away; use a model that the server knows, or vendor and review its code",
  references: ["atlas:AML.T0011", "atlas:AML.T0010", "cwe:94", "cwe:502"],
  subject: "manifest",
  *check(manifest) {
    for (const { name, value, path } of containersOf(manifest)) {
      const flag = wordsOf(value).find((word) => flags.test(word));
      const variable = variables.find((one) => /^(?:1|true|yes)$/i.test(envOf(value, one) ?? ""));
      const found = flag ?? variable;
      if (found === undefined) continue;
      const field = [...path, flag === undefined ? "env" : "args"];
      yield hitAt(manifest, field, {
        message: `container ${name} runs code from the model's repository (${found})`,
        scope: name,
      });
    }
  },
  fixtures: {
    bad: [
      { name: "flag.yaml", content: pod("args: [--model, org/model, --trust-remote-code]") },
      { name: "variable.yaml", content: pod("env: [{name: TRUST_REMOTE_CODE, value: 'true'}]") },
    ],
    good: [{ name: "plain.yaml", content: pod("args: [--model, org/model]") }],
  },
});
