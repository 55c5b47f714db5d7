import { defineRule } from "../../define.ts";
import { makeTar } from "../make-tar.ts";

const leadsOutside = (name: string): boolean =>
  name.startsWith("/") ||
  name.startsWith("\\") ||
  /^[A-Za-z]:/.test(name) ||
  name.split(/[/\\]/).includes("..") ||
  name.includes("\0");

export const archivePath = defineRule({
  id: "model/archive-path",
  title: "archive whose member is written or linked outside its folder",
  severity: "high",
  why: "unpacking it overwrites or reads files that belong to someone else",
  fix: "do not unpack it: no honest archive holds such a path",
  references: ["cwe:22", "cwe:59", "atlas:AML.T0010"],
  subject: "tar",
  *check({ entries }) {
    for (const { name, type, link } of entries) {
      if (leadsOutside(name)) yield { message: `a member is called ${name}` };
      else if ((type === "1" || type === "2") && leadsOutside(link)) yield { message: `${name} is a link to ${link}` };
    }
  },
  fixtures: {
    bad: [
      { name: "up.tar", content: () => makeTar([{ name: "../x", data: "N." }]) },
      { name: "link.tar", content: () => makeTar([{ name: "x", data: "", type: "2", link: "/etc/passwd" }]) },
    ],
    good: [{ name: "plain.tar", content: () => makeTar([{ name: "a/x", data: "hello" }]) }],
  },
});
