import { defineKind } from "../../define.ts";
import { at, entriesAt } from "../../k8s/fields.ts";
import { beginsLikeYaml, textProbe } from "../../k8s/kinds/sniff.ts";
import { readYaml } from "../../k8s/yaml/read-yaml.ts";
import { textOf } from "../../k8s/yaml/source-text.ts";
import type { ComposeFile } from "../compose.ts";

declare module "../../subject.ts" {
  interface Subjects {
    compose: ComposeFile;
  }
}

/** A compose file: a mapping with `services`, of which at least one has an image or a build. */
export const compose = defineKind({
  id: "compose",
  title: "Compose file",
  family: "container",
  order: 520,
  sniff: (probe) => textProbe(probe, looksLikeCompose),
  open(source) {
    const file = readYaml(textOf(source));
    const found = file.documents.filter(({ value }) => entriesAt(value, "services").some(([, service]) => isService(service)));
    if (found.length === 0) return { subjects: [], nothing: "YAML with `services` that are no containers" };
    return { subjects: found.map((document) => ({ type: "compose" as const, value: { file, document } })) };
  },
});

function looksLikeCompose(text: string): boolean {
  return (
    /^["']?services["']?\s*:/m.test(text) &&
    /^\s+["']?(?:image|build|extends|container_name|command)["']?\s*:/m.test(text) &&
    beginsLikeYaml(text)
  );
}

function isService(service: unknown): boolean {
  return at(service, "image") !== undefined || at(service, "build") !== undefined || at(service, "extends") !== undefined;
}
