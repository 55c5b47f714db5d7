import { baseOf, filledIn, finalStages, valuesOf } from "../../container/dockerfile/parse.ts";
import { lineHit } from "../../container/dockerfile/hits.ts";
import { defineRule } from "../../define.ts";

export const rootUser = defineRule({
  id: "container/root-user",
  title: "The image runs as a user other than root",
  severity: "medium",
  why: "root in a container is root on the machine as soon as anything else gives way",
  fix: "end the last stage with USER and a number, such as 65532",
  references: ["cis:4.1", "cwe:250", "attack:T1611"],
  subject: "dockerfile",
  *check(file) {
    const stages = finalStages(file);
    const last = stages.flatMap(({ instructions }) => instructions).findLast(({ name }) => name === "USER");
    const stage = stages.at(-1)!;
    if (last === undefined) {
      const base = baseOf(file, stages[0]!) ?? "";
      if (!/[:-](?:nonroot|rootless|unprivileged)\b/.test(base))
        yield lineHit(stage, stage, { message: "no USER: it runs as root, or as whom the base says" });
      return;
    }
    const user = filledIn(last.text.trim(), valuesOf(file, stages));
    if (user === undefined)
      yield lineHit(last, stage, { message: `the last USER, ${last.text.trim()}, has no value here`, severity: "low" });
    else if (/^["']?(?:root|0+)["']?(?::|$)/.test(user)) yield lineHit(last, stage, { message: `the last USER is ${user}` });
  },
  fixtures: {
    bad: [
      { name: "Dockerfile", content: "FROM debian:12\nRUN true\n" },
      { name: "default", content: "FROM debian:12\nARG ID=0\nUSER ${ID}\n" },
      { name: "Containerfile", content: "FROM debian:12\nUSER app\nUSER 0:0\n" },
    ],
    good: [
      { name: "Dockerfile", content: "FROM debian:12\nUSER 65532\n" },
      { name: "default", content: "FROM debian:12\nUSER ${ID:-65532}\n" },
      { name: "distroless", content: "FROM gcr.io/distroless/static:nonroot\n" },
    ],
  },
});
