import { defineRule } from "../../define.ts";
import { makeTar } from "../make-tar.ts";
import { raw } from "../raw.ts";

const zip = `PK\x05\x06${"\0".repeat(18)}`;

export const twoFormats = defineRule({
  id: "model/two-formats",
  title: "file that two programs read as two formats",
  severity: "high",
  why: "what was checked by one program is not what another one loads: a harmless picture to the first is an archive to the second",
  fix: "do not load it: take each format as a file of its own from its maker",
  references: ["cwe:434", "cwe:436", "atlas:AML.T0010"],
  subject: "two-formats",
  *check({ first, second }) {
    yield { message: `it begins as ${first}, and programs find ${second} in it` };
  },
  fixtures: {
    bad: [
      { name: "archive.gif", content: raw(`GIF89a\x01\x00\x01${zip}`) },
      { name: "pickle.tar", content: () => makeTar([{ name: "\u0080\x02N.", data: "N." }]) },
    ],
    good: [
      { name: "image.gif", content: raw("GIF89a\x01\x00\x01") },
      { name: "plain.tar", content: () => makeTar([{ name: "a", data: "hello" }]) },
    ],
  },
});
