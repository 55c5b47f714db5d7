/**
 * YAML as Kubernetes reads it: YAML 1.1 scalars (`yes` is true), merge keys, the last of two equal keys wins; with the places of all
 * fields, so that findings can name a line and fixes can change one word. What manifests are written in is read by a reader of its own,
 * many times as fast; it declines whatever is out of the ordinary, which the `yaml` package then reads.
 */
import { refused } from "../../refuse.ts";
import { readFully } from "./full-yaml.ts";
import { lineLookup } from "./lines.ts";
import type { YamlFile } from "./node.ts";
import { readQuickly } from "./quick/quick-yaml.ts";

/** Longest text that is parsed: the largest bundles of custom resources are a third of this. */
export const maxYamlCharacters = 16 << 20;

/**
 * @throws `scan/malformed` when it is no YAML, `scan/refused` for bombs, cycles and nesting
 */
export function readYaml(text: string): YamlFile {
  if (text.length > maxYamlCharacters) throw refused(`its YAML is longer than ${maxYamlCharacters} characters`);
  checkNesting(text);
  const documents = readQuickly(text);
  return documents === undefined ? readFully(text) : { text, documents, lineAt: lineLookup(text) };
}

/** Readers recurse; flow brackets are what makes deep nesting cheap to write. */
function checkNesting(text: string): void {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x5b || code === 0x7b) {
      if (++depth > 2_000) throw refused("its YAML is nested too deeply");
    } else if ((code === 0x5d || code === 0x7d) && depth > 0) depth--;
  }
}
