import { defineRule } from "../../define.ts";

export const remoteCode = defineRule({
  id: "model/remote-code",
  title: "model configuration that brings Python code",
  severity: "medium",
  why: "with `trust_remote_code=True` the loader runs these files, from the folder or from another repository",
  fix: "load it without trust_remote_code, or read the code and pin its revision",
  references: ["cwe:829", "cwe:94", "atlas:AML.T0010"],
  subject: "model-config",
  *check({ autoMap, imports }) {
    for (const name of imports) yield { message: `it imports ${name}`, where: { field: "auto_mapping" }, severity: "high" };
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
    bad: [
      { name: "config.json", content: '{"model_type":"x","auto_map":{"AutoModel":"modeling_x.XModel"}}' },
      { name: "adapter_config.json", content: '{"auto_mapping":{"parent_library":"os","base_model_class":"system"}}' },
    ],
    good: [
      { name: "config.json", content: '{"model_type":"bert","architectures":["BertModel"]}' },
      {
        name: "adapter_config.json",
        content: '{"auto_mapping":{"parent_library":"transformers.models.bert.modeling_bert","base_model_class":"BertModel"}}',
      },
    ],
  },
});
