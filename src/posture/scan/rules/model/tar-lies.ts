import { defineRule } from "../../define.ts";
import { makeTar } from "../make-tar.ts";

export const tarLies = defineRule({
  id: "model/tar-lies",
  title: "tar archive that programs read in different ways",
  severity: "high",
  why: "one program unpacks one thing and another program something else: a scanner sees the harmless one",
  fix: "do not load it: write the archive again, with plain files only",
  references: ["cwe:436", "atlas:AML.T0010"],
  subject: "tar",
  *check({ entries }) {
    const names = new Set<string>();
    for (const { name, type, sizeBytes, sparse } of entries) {
      if ("123456".includes(type) && sizeBytes > 0)
        yield { message: `${name} is a link, a device or a folder, and says that it has ${sizeBytes} bytes` };
      if (!/[0-7\0DS]/.test(type)) yield { message: `${name} is of a type that few programs know (${JSON.stringify(type)})` };
      if (sparse) yield { message: `${name} is stored with holes, which few programs put back` };
      if (names.has(name) && type !== "5") yield { message: `two members are called ${name}`, severity: "medium" };
      names.add(name);
    }
  },
  fixtures: {
    bad: [
      { name: "odd-type.tar", content: () => makeTar([{ name: "x", data: "N.", type: "Z" }]) },
      { name: "twice.tar", content: () => makeTar(["N.", "K\x01."].map((data) => ({ name: "x", data }))) },
      { name: "folder-with-bytes.tar", content: () => makeTar([{ name: "x", data: "N.", type: "5" }]) },
    ],
    good: [{ name: "plain.tar", content: () => makeTar([{ name: "a/x", data: "hello" }]) }],
  },
});
