import { defineRule } from "../../define.ts";
import { probeOf } from "../../engine/probe.ts";
import { beginsLikeYaml } from "../../k8s/kinds/sniff.ts";

const tag = /(?:!!|tag:yaml\.org,2002:)python\/[\w./:]+/g;
const longest = 1 << 24;

export const yamlObject = defineRule({
  id: "model/yaml-object",
  title: "YAML that makes Python objects",
  severity: "high",
  why: "`yaml.load` with the full or unsafe loader imports what the tag names and calls it (Keras' `model_from_yaml`, detectors, recipes of training)",
  fix: "do not load it but with `yaml.safe_load`, which refuses the tag",
  references: ["cwe:502", "cve:2020-14343", "cve:2021-37678", "atlas:AML.T0010"],
  subject: "bytes",
  *check(source, { fileSystem }) {
    if (fileSystem === true) return; // documentation of YAML is part of many a system
    const { isText, text: head } = probeOf(source, "");
    if (!isText || !beginsLikeYaml(head)) return;
    const text = source.sizeBytes <= head.length ? head : new TextDecoder().decode(source.read(0, longest));
    const seen = new Set<string>();
    let [line, from] = [1, 0];
    for (const found of text.matchAll(tag)) {
      for (; from < found.index; from++) if (text.charCodeAt(from) === 10) line++;
      if (seen.has(found[0])) continue;
      seen.add(found[0]);
      yield { message: `it makes ${found[0]}`, where: { line } };
    }
  },
  fixtures: {
    bad: [
      { name: "model.yaml", content: "class_name: Sequential\nconfig: !!python/object/apply:os.system ['id']\n" },
      { name: "root.yaml", content: "!!python/object/new:type\nargs: [z]\n" },
      { name: "tag.yaml", content: "%TAG !p! tag:yaml.org,2002:python/object/apply:\n---\na: !p!os.system ['id']\n" },
    ],
    good: [
      { name: "model.yaml", content: "class_name: Sequential\nconfig: {layers: []}\n" },
      { name: "notes.py", content: "import yaml\n# !!python/object/apply:os.system is refused here\n" },
    ],
  },
});
