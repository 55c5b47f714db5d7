import { defineRule } from "../../define.ts";
import { raw } from "../raw.ts";

export const pickleExtension = defineRule({
  id: "model/pickle-extension",
  title: "pickle that uses an extension code",
  severity: "high",
  why: "the code stands for whatever the loading process has registered: nobody can tell from the file what is imported",
  fix: "do not load it; write the file again without copyreg extensions",
  references: ["atlas:AML.T0010", "cwe:502", "https://peps.python.org/pep-0307/"],
  subject: "pickle",
  *check({ refusals }) {
    for (const { what, act, offset } of refusals) {
      if (what === "extension") yield { message: `loading ${act}`, where: { byte: offset }, evidence: `EXT at byte ${offset}` };
    }
  },
  fixtures: {
    bad: [{ name: "ext.pkl", content: raw("\x80\x02\x82\x01)R.") }],
    good: [{ name: "none.pkl", content: raw("\x80\x02N.") }],
  },
});
