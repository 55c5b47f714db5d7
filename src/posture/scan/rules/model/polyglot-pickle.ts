import { defineRule } from "../../define.ts";
import { couldHappen, tracePickles } from "../../pickle/trace.ts";
import { probeOf } from "../../engine/probe.ts";
import type { ByteSource } from "../../bytes/source.ts";
import { raw } from "../raw.ts";

const isText = (source: ByteSource): boolean => probeOf(source, "").isText;

export const polyglotPickle = defineRule({
  id: "model/polyglot-pickle",
  title: "file of another format that is a hostile pickle as well",
  severity: "critical",
  why: "a loader that goes by the name of the file, or tries pickle first, runs it",
  fix: "do not load it: no honest file of this format can be unpickled",
  references: ["atlas:AML.T0010", "cwe:502", "cwe:434"],
  subject: "bytes",
  *check(source, { fileSystem }) {
    const { refusals, count } = tracePickles(source);
    if (refusals.length === 0) return;
    // Words of a text can read like an import; bytes that no text holds, or a STOP behind it, cannot be chance.
    const imports = count > 0 || refusals.some(({ what }) => what !== "import") || !isText(source);
    for (const { act, offset, opcode } of refusals.filter(
      // In raw numbers one byte is enough to look like an extension code.
      (one) =>
        couldHappen(one) &&
        (one.what !== "extension" || count > 0) &&
        (one.what !== "import" || one.dangerous || imports) &&
        // Among a hundred thousand files of a system some begin like a call of nothing: there it takes a name that can do harm.
        (fileSystem !== true || one.dangerous),
    )) {
      yield { message: `read as a pickle, it ${act}`, where: { byte: offset }, evidence: `${opcode} at byte ${offset}` };
    }
  },
  fixtures: {
    bad: [
      { name: "image.gif", content: raw("GIF89a\x01\x00\x01cos\nsystem\n(S'id'\ntR.") },
      { name: "import-only.gif", content: raw("GIF89a\x01\x00\x01cmy_package\nModel\n.") },
    ],
    good: [{ name: "words.txt", content: "cat\ndog\nbird\n" }],
  },
});
