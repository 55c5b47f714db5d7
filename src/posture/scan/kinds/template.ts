import { wholeDocument } from "../bytes/whole-text.ts";
import { defineKind } from "../define.ts";

const statement = /\{%[-+]?\s*(?:for|if|set|macro|call|filter|block|include|import|from|extends|with|generation)\b/;
/** `chat_template.jinja` is taken for a template by its name alone, so the name is enough to look. */
const named = /(^|[/!])(chat_templates?\b[^/!]*|[^/!]*\.(jinja2?|j2))$/i;
const inside = /\{\{[^]*?\}\}|\{%[^]*?%\}/g;

/** A template of Jinja in a file of its own: what it says between its brackets runs, the words around them do not. */
export const template = defineKind({
  id: "template",
  title: "Jinja template",
  family: "model",
  order: 890,
  sniff: ({ isText, text, name }) => isText && (statement.test(text) || (named.test(name) && /\{[{%]/.test(text))),
  open(source, { limits }) {
    const whole = new TextDecoder().decode(wholeDocument(source, limits.maxUnpackedBytes));
    const text = Array.from(whole.matchAll(inside), ([part]) => part).join("\n");
    return { subjects: [{ type: "chat-templates", value: { templates: [{ key: "template", text }] } }] };
  },
});
