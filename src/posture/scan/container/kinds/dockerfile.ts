import { defineKind } from "../../define.ts";
import { textProbe } from "../../k8s/kinds/sniff.ts";
import { textOf } from "../../k8s/yaml/source-text.ts";
import { parseDockerfile } from "../dockerfile/parse.ts";
import type { Dockerfile } from "../dockerfile/parse.ts";

declare module "../../subject.ts" {
  interface Subjects {
    dockerfile: Dockerfile;
  }
}

/** A Dockerfile or Containerfile, whatever it is called: what begins, after comments and ARGs, with a FROM. */
export const dockerfile = defineKind({
  id: "dockerfile",
  title: "Dockerfile or Containerfile",
  family: "container",
  order: 530,
  sniff: (probe) => textProbe(probe, looksLikeDockerfile),
  open: (source) => ({ subjects: [{ type: "dockerfile", value: parseDockerfile(textOf(source)) }] }),
});

function looksLikeDockerfile(text: string): boolean {
  // Ollama's Modelfiles begin with FROM as well, and go on with words that Dockerfiles do not have.
  if (/^(?:PARAMETER|TEMPLATE|SYSTEM|ADAPTER|MESSAGE)\s/m.test(text)) return false;
  const first = text
    .replace(/^\uFEFF/, "")
    .match(/^(?:[ \t]*(?:#[^\n]*)?\r?\n|[ \t]*ARG[ \t]+[^\n]*\n)*[ \t]*FROM[ \t]+([^\n]*)/i);
  if (first === null) return false;
  return /^(?:--platform=\S+\s+)?[\w$][\w./:@${}-]*(?:\s+as\s+[\w.-]+)?\s*\\?\r?$/i.test(first[1]!);
}
