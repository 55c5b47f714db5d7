import { defineRule } from "../../define.ts";

export const remoteCode = defineRule({
  id: "model/remote-code",
  title: "model configuration that brings Python code",
  severity: "medium",
  why: "with `trust_remote_code=True` the loader runs these files, from the folder or from another repository",
  fix: "load it without trust_remote_code, or read the code and pin its revision",
  references: ["cwe:829", "cwe:94", "atlas:AML.T0010"],
  subject: "model-config",
  *check({ autoMap }) {
    for (const name of autoMap) {
      const elsewhere = name.includes("--");
      yield {
        message: `it names ${name}${elsewhere ? ", in another repository" : ""}`,
        where: { field: "auto_map" },
        severity: elsewhere ? "high" : "medium",
      };
    }
  },
  fixtures: {
    bad: [{ name: "config.json", content: '{"model_type":"x","auto_map":{"AutoModel":"modeling_x.XModel"}}' }],
    good: [{ name: "config.json", content: '{"model_type":"bert","architectures":["BertModel"]}' }],
  },
});
