import { baseOf } from "../../container/dockerfile/parse.ts";
import { lineHit } from "../../container/dockerfile/hits.ts";
import { defineRule } from "../../define.ts";
import { readImage } from "../../k8s/images.ts";

export const baseUnpinned = defineRule({
  id: "container/base-unpinned",
  title: "Base images are named by digest",
  severity: "low",
  why: "a tag is moved without anybody here noticing: the same file builds another image tomorrow",
  fix: "add @sha256:… to the base; with no tag or with latest, at least name a version",
  references: ["cis:4.2", "attack:T1195", "cwe:829"],
  subject: "dockerfile",
  *check(file) {
    const names = new Set<string>();
    for (const stage of file.stages) {
      const base = baseOf(file, stage);
      const own = base === undefined || base === "scratch" || names.has(base.toLowerCase());
      if (stage.name !== undefined) names.add(stage.name.toLowerCase());
      if (base === undefined) yield lineHit(stage, stage, { message: `which image ${stage.base} is, the file does not say` });
      if (own) continue;
      const { tag, digest } = readImage(base);
      if (digest !== undefined) continue;
      const moving = tag === undefined || tag === "latest";
      const message = moving ? `it is built on whatever ${base} is that day` : `it names ${base} by tag`;
      yield lineHit(stage, stage, { message, ...(moving ? { severity: "medium" } : {}) });
    }
  },
  fixtures: {
    bad: [
      { name: "Dockerfile", content: "FROM debian\nUSER 1\n" },
      { name: "tagged", content: "ARG V=12\nFROM debian:${V}\nUSER 1\n" },
    ],
    good: [
      { name: "Dockerfile", content: `FROM debian:12@sha256:${"ab".repeat(32)} AS a\nFROM a\nUSER 1\nFROM scratch\nUSER 1\n` },
    ],
  },
});
