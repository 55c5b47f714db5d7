import { finalStages, wordsIn } from "../../container/dockerfile/parse.ts";
import { lineHit } from "../../container/dockerfile/hits.ts";
import { defineRule } from "../../define.ts";

const broad = /^(?:\/|\.|\/\*|\/(?:root|home|etc|tmp|var)(?:\/\*?)?)$/;

export const stageLeak = defineRule({
  id: "container/stage-leak",
  title: "The last stage takes single things from the stages before it",
  severity: "medium",
  why: "a whole root or home folder brings along what the build left there: sources, caches, tokens",
  fix: "copy the files that run, by name",
  references: ["cwe:200", "attack:T1552"],
  subject: "dockerfile",
  *check(file) {
    for (const stage of finalStages(file)) {
      for (const instruction of stage.instructions) {
        const from = instruction.flags.find(([flag]) => flag === "from")?.[1];
        if (instruction.name !== "COPY" || from === undefined) continue;
        const whole = wordsIn(instruction.text)
          .slice(0, -1)
          .find((path) => broad.test(path));
        // A distribution's image assembled in an earlier stage is meant to be copied whole, onto nothing.
        if (whole !== undefined && !(whole === "/" && stage.base === "scratch")) {
          yield lineHit(instruction, stage, { message: `COPY --from=${from} takes all of ${whole}` });
        }
      }
    }
  },
  fixtures: {
    bad: [{ name: "Dockerfile", content: "FROM a:1 AS build\nFROM b:1\nCOPY --from=build /root /root\nUSER 1\n" }],
    good: [{ name: "Dockerfile", content: "FROM a:1 AS build\nFROM b:1\nCOPY --from=build /out/app /app\nUSER 1\n" }],
  },
});
