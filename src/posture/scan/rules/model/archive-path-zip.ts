import { defineRule } from "../../define.ts";
import { raw } from "../raw.ts";

const entry = (name: string): string => {
  const length = String.fromCharCode(name.length);
  const local = `PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\x01\0\0\0${length}\0\0\0${name}N`;
  const central = `PK\x01\x02\x14\0\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\x01\0\0\0${length}${"\0".repeat(17)}${name}`;
  return `${local}${central}PK\x05\x06\0\0\0\0\x01\0\x01\0${String.fromCharCode(central.length)}\0\0\0${String.fromCharCode(local.length)}\0\0\0\0\0`;
};

export const archivePathZip = defineRule({
  id: "model/zip-path",
  title: "ZIP archive whose member is written outside its folder",
  severity: "high",
  why: "unpacking it overwrites files that belong to someone else",
  fix: "do not unpack it: no honest archive holds such a path",
  references: ["cwe:22", "atlas:AML.T0010"],
  subject: "zip",
  *check({ entries }) {
    for (const name of new Set(entries.map((one) => one.name))) {
      if (/^[/\\]|^[A-Za-z]:/.test(name) || name.includes("\0") || name.split(/[/\\]/).includes(".."))
        yield { message: `a member is called ${name}` };
    }
  },
  fixtures: {
    bad: [{ name: "up.zip", content: raw(entry("../x")) }],
    good: [{ name: "plain.zip", content: raw(entry("a/x")) }],
  },
});
