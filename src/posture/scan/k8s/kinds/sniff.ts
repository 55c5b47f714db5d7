import type { Probe } from "../../define.ts";
import { decode, textOf } from "../yaml/source-text.ts";
import { maxYamlCharacters } from "../yaml/read-yaml.ts";

/** The file as text, if it is text at all. All of it is read only when the beginning does not decide. */
export function textProbe({ isText, head, sizeBytes, source }: Probe, decides: (text: string) => boolean): boolean {
  const marked = (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff);
  if (!isText && !marked) return false;
  if (decides(decode(head))) return true;
  if (sizeBytes <= head.length || sizeBytes > 4 * maxYamlCharacters) return false;
  return decides(textOf(source));
}

/** Keys as YAML lets them be written: bare, quoted, or with escapes that hide them from a search. */
const apiVersion = /apiVersion["']?\s*:/;
const kind = /\bkind["']?\s*:/;
const escapedKey = /"[^"\n]*\\[xuU][^"\n]*"\s*:/;

/** True for text that a Kubernetes client would take for objects, also when it is broken somewhere. */
export function looksLikeManifests(text: string): boolean {
  if (!((apiVersion.test(text) && kind.test(text)) || escapedKey.test(text))) return false;
  return beginsLikeYaml(text);
}

/** The first line that says anything is a mapping's, a list's or a template's; prose and programs begin otherwise. */
export function beginsLikeYaml(text: string): boolean {
  for (const line of firstLines(text)) {
    const trimmed = line.trim();
    if (trimmed === "" || trimmed.startsWith("#") || /^(?:---|\.\.\.|%YAML|%TAG)/.test(trimmed)) {
      if (/^---\s*[^\s#]/.test(trimmed)) return true;
      continue;
    }
    return /^(?:- *)*(?:[{["'?&!*]|[\w$./-]+\s*:(?:\s|$)|-\s*$)/.test(trimmed);
  }
  return false;
}

function* firstLines(text: string): Generator<string> {
  for (let start = text.charCodeAt(0) === 0xfeff ? 1 : 0; start < text.length;) {
    const end = text.indexOf("\n", start);
    yield text.slice(start, end < 0 ? undefined : end);
    if (end < 0) return;
    start = end + 1;
  }
}
