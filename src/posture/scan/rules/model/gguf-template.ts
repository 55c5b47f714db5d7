import { defineRule } from "../../define.ts";
import { raw } from "../raw.ts";

/** Names that are put together while the template runs, so that no search finds them. */
const hidden =
  /\\(?:x5f|u005f|U0000005f|0?137|N\{)|(["'])_{1,2}\1|["'][^"'\n]{0,40}__["'\s]*[~+%|]|\[[^\]'"]{0,40}["'][^"'\]]{0,40}["']\s*[~+]|\|\s*(?:format|map\s*\(\s*attribute)\b|\bgetattr\b|\bglobals\b/;

/** What a template that formats a conversation never needs, and every known escape from a sandbox of Jinja does. */
const escapes =
  /__\w+__|\b(?:mro|subclasses|func_globals|gi_frame|gi_code|cr_frame|f_globals|co_code)\b|\|\s*attr\b|\bself\._|\blipsum\b|\bcycler\b|\bjoiner\b|\b(?:popen|subprocess|importlib|eval|exec)\b|\{%-?\s*(?:include|import|from|extends)\b|\bos\s*\./;

const string = (text: string): string => `${String.fromCharCode(text.length & 255, text.length >> 8)}${"\0".repeat(6)}${text}`;
const file = (template: string): (() => Uint8Array) =>
  raw(`GGUF\x03\0\0\0${"\0".repeat(8)}\x01${"\0".repeat(7)}${string("tokenizer.chat_template")}\x08\0\0\0${string(template)}`);

export const ggufTemplate = defineRule({
  id: "model/gguf-template",
  title: "chat template that reaches into Python",
  severity: "critical",
  why: "programs render the template with Jinja; outside a sandbox it runs what it says (CVE-2024-34359)",
  fix: "do not load it, or replace the template by that of the model's maker",
  references: ["cve:2024-34359", "cwe:1336", "cwe:94", "atlas:AML.T0010"],
  subject: "chat-templates",
  *check({ templates }) {
    for (const { key, text } of templates) {
      const found = escapes.exec(text) ?? hidden.exec(text);
      if (found !== null)
        yield {
          message: `${key} uses \`${found[0]}\``,
          where: { field: key },
          evidence: text.slice(Math.max(0, found.index - 40), found.index + 80),
        };
    }
  },
  fixtures: {
    bad: [
      {
        name: "tokenizer_config.json",
        content: JSON.stringify({ chat_template: [{ name: "a", template: "{{ ''.__class__ }}" }] }),
      },
      { name: "chat_template.jinja", content: "{% for m in messages %}{{ m['content'] }}{% endfor %}{{ ''.__class__ }}\n" },
      { name: "joined.gguf", content: file("{{ ''['_' ~ '_class_' ~ '_'] }}") },
      { name: "escaped.gguf", content: file("{{ ''['\\x5f\\x5fclass\\x5f\\x5f'] }}") },
      { name: "bad.gguf", content: file("{{ ''.__class__.__mro__[1].__subclasses__() }}") },
    ],
    good: [
      {
        name: "tokenizer_config.json",
        content: JSON.stringify({ chat_template: "{{ bos_token }}{{ messages[0]['content'] }}" }),
      },
      {
        name: "page.jinja",
        content: "See __init__.py\n{% for m in messages %}{{ m['role'] }}{% endfor %}\n",
      },
      { name: "good.gguf", content: file("{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}{% endfor %}") },
    ],
  },
});
