import { everyInstruction, lineHit } from "../../container/dockerfile/hits.ts";
import { defineRule } from "../../define.ts";

const setuid = /\bchmod\s+(?:-\S+\s+)*(?:[ug]*\+[rwx]*s|0?[2-7][0-7]{3}\b)/;
const everybody = /\bchmod\s+(?:-\S+\s+)*(?:0?[0-7]{2}[2367]\b|(?:a|o|ugo)?\+[rx]*w)/;

export const loosePermissions = defineRule({
  id: "container/loose-permissions",
  title: "No file is made set-user-ID or writable by everybody",
  severity: "medium",
  why: "a set-user-ID file makes root of any user; a file that all may write is changed by whoever breaks in first",
  fix: "give files to the user that needs them with --chown, and leave their mode alone",
  references: ["cis:4.8", "cwe:732", "attack:T1548"],
  subject: "dockerfile",
  *check(file) {
    for (const instruction of everyInstruction(file)) {
      const { name, text, stage, flags } = instruction;
      const mode = flags.find(([flag]) => flag === "chmod")?.[1];
      const line = mode === undefined ? (name === "RUN" ? text : "") : `chmod ${mode}`;
      if (setuid.test(line)) yield lineHit(instruction, stage, { message: `${name} makes a file set-user-ID` });
      else if (everybody.test(line)) yield lineHit(instruction, stage, { message: `${name} lets everybody write` });
    }
  },
  fixtures: {
    bad: [
      { name: "Dockerfile", content: "FROM a:1\nRUN chmod -R 777 /app\nUSER 1\n" },
      { name: "suid", content: "FROM a:1\nRUN chmod u+s /bin/x\nUSER 1\n" },
      { name: "copy", content: "FROM a:1\nCOPY --chmod=0777 a /a\nUSER 1\n" },
    ],
    good: [{ name: "Dockerfile", content: "FROM a:1\nRUN chmod 0755 /app && chmod +x /run.sh\nUSER 1\n" }],
  },
});
