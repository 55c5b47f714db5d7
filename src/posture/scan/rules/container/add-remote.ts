import { everyInstruction, lineHit } from "../../container/dockerfile/hits.ts";
import { wordsIn } from "../../container/dockerfile/parse.ts";
import { defineRule } from "../../define.ts";

export const addRemote = defineRule({
  id: "container/add-remote",
  title: "ADD takes nothing from the network without a checksum",
  severity: "medium",
  why: "what the address gives tomorrow is another file, and nothing compares it",
  fix: "use ADD --checksum=sha256:…, or fetch and compare in RUN",
  references: ["cis:4.9", "cwe:494", "attack:T1195"],
  subject: "dockerfile",
  *check(file) {
    for (const instruction of everyInstruction(file)) {
      if (instruction.name !== "ADD" || instruction.flags.some(([flag]) => flag === "checksum")) continue;
      const remote = wordsIn(instruction.text).find(
        (word) => /^(?:https?|ftp|git|ssh):\/\/|^git@/.test(word) && !/#[0-9a-f]{40}$/.test(word),
      );
      if (remote !== undefined) yield lineHit(instruction, instruction.stage, { message: `ADD fetches ${remote}` });
    }
  },
  fixtures: {
    bad: [{ name: "Dockerfile", content: "FROM a:1\nADD https://x.example/m.tar /m\nUSER 1\n" }],
    good: [
      {
        name: "Dockerfile",
        content: `FROM a:1\nADD --checksum=sha256:${"ab".repeat(32)} https://x.example/m.tar /m\nADD here /there\nUSER 1\n`,
      },
    ],
  },
});
