import { escapeText } from "../../base/error/index.ts";

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Text from outside inside XML or HTML, in an element or an attribute in double quotes: nothing in it can end what it stands in. */
export function markup(text: string, limit = 1000): string {
  const lines = text
    .split("\n")
    .map((line) => escapeText(line, limit))
    .join("\n");
  return lines.replaceAll(/[&<>"']/g, (char) => entities[char]!);
}
