import { defineRule } from "../../define.ts";
import { raw } from "../raw.ts";

export const pickleImport = defineRule({
  id: "model/pickle-import",
  title: "pickle that imports what nobody has vetted",
  severity: "high",
  why: "an import runs the module, and what is imported can be called by whatever uses the object later",
  fix: "do not load it; if the type is yours, move the data to safetensors or to types of the frameworks",
  references: ["atlas:AML.T0010", "cwe:502", "cwe:829"],
  subject: "pickle",
  *check({ refusals }) {
    const called = new Set(refusals.filter(({ what }) => what === "call").map(({ importedAt }) => importedAt));
    for (const { what, act, offset, dangerous, opcode } of refusals) {
      if (what !== "import" && what !== "name") continue;
      if (called.has(offset)) continue; // the call says it already
      yield {
        message: `loading ${act}`,
        where: { byte: offset },
        evidence: `${opcode} at byte ${offset}`,
        severity: dangerous ? "critical" : "high",
      };
    }
  },
  fixtures: {
    bad: [
      { name: "unvetted.pkl", content: raw("\x80\x02cmy_package\nModel\n.") },
      { name: "dotted.pkl", content: raw("\x80\x04\x8c\x05numpy\x8c\x0ef2py.os.system\x93.") },
      { name: "run-time-name.pkl", content: raw("\x80\x04\x8c\x02osccollections\nOrderedDict\n)R\x93.") },
    ],
    good: [{ name: "vetted.pkl", content: raw("\x80\x02cnumpy\nfloat64\n.") }],
  },
});
