import { defineRule } from "../../define.ts";
import { raw } from "../raw.ts";

export const pickleBuild = defineRule({
  id: "model/pickle-build",
  title: "pickle that rewrites a class, a function or an object's inner attributes",
  severity: "critical",
  why: "a class that was changed while loading changes what every later use of it does",
  fix: "do not load it: no honest pickle does this",
  references: ["atlas:AML.T0010", "cwe:502", "cwe:915"],
  subject: "pickle",
  *check({ refusals }) {
    for (const { what, act, offset, opcode } of refusals) {
      if (what === "build") yield { message: `loading ${act}`, where: { byte: offset }, evidence: `${opcode} at byte ${offset}` };
    }
  },
  fixtures: {
    bad: [
      { name: "class.pkl", content: raw("\x80\x02ccollections\nOrderedDict\nN}X\x04\x00\x00\x00copycnumpy\nndarray\ns\x86b.") },
      { name: "append-to-class.pkl", content: raw("\x80\x02ccollections\nOrderedDict\nK\x01a.") },
      {
        name: "inner.pkl",
        content: raw("\x80\x02ccollections\nOrderedDict\n)RN}X\x09\x00\x00\x00__class__cnumpy\nndarray\ns\x86b."),
      },
    ],
    good: [{ name: "state.pkl", content: raw("\x80\x02ccollections\nOrderedDict\n)R}X\x01\x00\x00\x00aK\x01sb.") }],
  },
});
