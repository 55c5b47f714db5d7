import { defineRule } from "../../define.ts";
import { raw } from "../raw.ts";

export const pickleCall = defineRule({
  id: "model/pickle-call",
  title: "pickle that calls what nobody has vetted",
  severity: "critical",
  why: "loading the file runs this call, with the rights of whoever loads it",
  fix: "do not load it; take weights as safetensors (`modelkeep convert`), or ask the maker what the call is for",
  references: ["atlas:AML.T0010", "atlas:AML.T0018", "cwe:502", "owasp-ml:ML06", "https://docs.python.org/3/library/pickle.html"],
  subject: "pickle",
  *check({ refusals }) {
    for (const { what, act, offset, opcode, importedAt } of refusals) {
      if (what !== "call") continue;
      const from = importedAt === undefined ? "" : `, imported at byte ${importedAt}`;
      yield { message: `loading ${act}`, where: { byte: offset }, evidence: `${opcode} at byte ${offset}${from}` };
    }
  },
  fixtures: {
    bad: [
      { name: "reduce.pkl", content: "cos\nsystem\n(S'id'\ntR." },
      { name: "inst.pkl", content: "(S'id'\nios\nsystem\n." },
      { name: "obj.pkl", content: raw("\x80\x02(cos\nsystem\nU\x02ido.") },
      { name: "stack-global.pkl", content: raw("\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x02id\x85R.") },
      { name: "through-the-memo.pkl", content: raw("\x80\x04\x8c\x02os\x940\x8c\x06system\x94h\x00h\x01\x93\x8c\x02id\x85R.") },
      { name: "called-result.pkl", content: raw("\x80\x02ccollections\nOrderedDict\n)R)R.") },
      { name: "broken-after.pkl", content: raw("\x80\x02cos\nsystem\nU\x02id\x85Rgarbage") },
      { name: "second-pickle.pkl", content: raw("\x80\x02N.\x80\x02cos\nsystem\nU\x02id\x85R.") },
      {
        name: "allowed-name-with-a-codec.pkl",
        content: raw("\x80\x02c_codecs\nencode\nX\x01\x00\x00\x00aX\x03\x00\x00\x00zip\x86R."),
      },
    ],
    good: [
      { name: "dict.pkl", content: raw("\x80\x04}\x94\x8c\x01a\x94K\x01s.") },
      { name: "ordered.pkl", content: raw("\x80\x02ccollections\nOrderedDict\n)R.") },
      { name: "latin.pkl", content: raw("\x80\x02c_codecs\nencode\nX\x01\x00\x00\x00aX\x06\x00\x00\x00latin1\x86R.") },
    ],
  },
});
