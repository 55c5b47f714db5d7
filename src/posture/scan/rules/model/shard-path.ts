import { defineRule } from "../../define.ts";

/** Upwards, from the root, a drive, a share, a home or another place than the disk. */
const outside = /^(?:[/\\~]|[a-zA-Z]:|[a-z][a-z0-9+.-]*:\/\/)|(?:^|[/\\])\.\.(?:[/\\]|$)/;
const index = (file: string): string => JSON.stringify({ metadata: {}, weight_map: { "layer.weight": file } });

export const shardPath = defineRule({
  id: "model/shard-path",
  title: "index of shards that names a file elsewhere",
  severity: "high",
  why: "the loader joins the name to the folder of the model and reads, or unpickles, whatever lies there",
  fix: "do not load it: shards lie beside their index",
  references: ["cwe:22", "cwe:73", "atlas:AML.T0010"],
  subject: "shard-index",
  *check({ files }) {
    for (const file of files)
      if (outside.test(file)) yield { message: `it names the shard ${file}`, where: { field: "weight_map" } };
  },
  fixtures: {
    bad: [
      { name: "up.index.json", content: index("../../other/model.bin") },
      { name: "root.index.json", content: index("/etc/passwd") },
      { name: "share.index.json", content: index("\\\\host\\share\\a.bin") },
    ],
    good: [{ name: "model.safetensors.index.json", content: index("model-00001-of-00002.safetensors") }],
  },
});
