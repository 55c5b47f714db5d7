import { defineRule } from "../../define.ts";
import { couldHappen, tracePickles } from "../../pickle/trace.ts";
import { raw } from "../raw.ts";

export const polyglotPickle = defineRule({
  id: "model/polyglot-pickle",
  title: "file of another format that is a hostile pickle as well",
  severity: "critical",
  why: "a loader that goes by the name of the file, or tries pickle first, runs it",
  fix: "do not load it: no honest file of this format can be unpickled",
  references: ["atlas:AML.T0010", "cwe:502", "cwe:434"],
  subject: "bytes",
  *check(source) {
    const { refusals } = tracePickles(source);
    for (const { act, offset, opcode } of refusals.filter(
      (one) => couldHappen(one) && (one.what !== "import" || one.dangerous),
    )) {
      yield { message: `read as a pickle, it ${act}`, where: { byte: offset }, evidence: `${opcode} at byte ${offset}` };
    }
  },
  fixtures: {
    bad: [{ name: "image.gif", content: raw("GIF89a\x01\x00\x01cos\nsystem\n(S'id'\ntR.") }],
    good: [{ name: "words.txt", content: "cat\ndog\nbird\n" }],
  },
});
