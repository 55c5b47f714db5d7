import { defineCommand } from "../define.ts";
import { cell } from "../output.ts";
import { assessApi } from "../rooms.ts";

export const explainCommand = defineCommand({
  id: "explain",
  title: "what a finding means, why it matters, and what to do",
  examples: [
    "modelkeep explain assess/broken",
    "modelkeep explain active-test",
    "modelkeep explain assess/untrue-gradients --json",
  ],
  declare: (command) => command.argument("<finding>", "the rule that a finding names"),
  async run({ output }, { args }) {
    const rule = (await assessApi()).explainRule(args[0] as string);
    output.value(rule);
    output.text(`${rule.id} (${rule.severity})`);
    output.text(`  what  ${rule.title}`);
    output.text(`  why   ${rule.why}`);
    output.text(`  fix   ${rule.fix}`);
    for (const reference of rule.references ?? []) output.text(`  see   ${cell(reference)}`);
    return 0;
  },
});
