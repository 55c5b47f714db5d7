import { defineRule } from "../../define.ts";
import { raw } from "../raw.ts";

const local = (name: string): string =>
  `PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\x01\0\0\0${String.fromCharCode(name.length)}\0\0\0${name}N`;
const central = (name: string): string =>
  `PK\x01\x02\x14\0\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\x01\0\0\0${String.fromCharCode(name.length)}${"\0".repeat(17)}${name}`;
const end = (offset: number, length: number): string =>
  `PK\x05\x06\0\0\0\0\x01\0\x01\0${String.fromCharCode(length)}\0\0\0${String.fromCharCode(offset)}\0\0\0\0\0`;
const archive = (outer: string, inner: string): string =>
  local(inner) + central(outer) + end(31 + inner.length, 46 + outer.length);

export const zipLies = defineRule({
  id: "model/zip-lies",
  title: "ZIP archive that contradicts itself",
  severity: "high",
  why: "one program unpacks one thing and another program something else: a scanner sees the harmless one",
  fix: "do not load it: write the archive again with the framework that made it",
  references: ["cwe:436", "cve:2025-1944", "cve:2025-1945", "cve:2025-10156"],
  subject: "zip",
  *check({ lies }) {
    for (const lie of lies) yield { message: lie, severity: /^\d+ bytes stand in front/.test(lie) ? "medium" : "high" };
  },
  fixtures: {
    bad: [
      { name: "two-names.zip", content: raw(archive("a", "b")) },
      { name: "hidden.zip", content: raw(local("h") + local("a") + central("a") + end(64, 47)) },
      { name: "headless.zip", content: raw(local("a")) },
    ],
    good: [{ name: "honest.zip", content: raw(archive("a", "a")) }],
  },
});
