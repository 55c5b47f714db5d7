import { defineRule } from "../../define.ts";

const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${"4d7a".repeat(16)}\nsize 12345\n`;

export const lfsPointer = defineRule({
  id: "model/lfs-pointer",
  title: "Git LFS pointer instead of the file",
  severity: "medium",
  why: "the model itself has not been looked at: this is only its name",
  fix: "fetch the file with `git lfs pull`, then scan again",
  references: ["cwe:693", "https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md"],
  subject: "lfs-pointer",
  *check({ oid }) {
    yield { message: `the file stands for ${oid ?? "another one"}, which is not here` };
  },
  fixtures: {
    bad: [{ name: "model.bin", content: pointer }],
    good: [{ name: "README.md", content: "Fetch the weights with git lfs.\n" }],
  },
});
