import { everyInstruction, lineHit } from "../../container/dockerfile/hits.ts";
import { commandsIn } from "../../container/dockerfile/parse.ts";
import { defineRule } from "../../define.ts";

/** How each manager is told to install, and what a package with a version looks like. */
const managers: readonly { readonly command: RegExp; readonly pinned: RegExp }[] = [
  { command: /^(?:sudo )?apt(?:-get)?(?: -\S+)* install\b/, pinned: /=|^\.?\// },
  { command: /^(?:sudo )?apk(?: -\S+)* add\b/, pinned: /[=~<>]|^\.\w/ },
  { command: /^(?:sudo )?(?:yum|dnf|microdnf)(?: -\S+)* install\b/, pinned: /-\d|\.rpm$/ },
  { command: /^(?:python[\d.]* -m )?pip[\d.]* install\b/, pinned: /===?|@|\.whl$|^[./]/ },
  { command: /^npm (?:install|i|add)\b/, pinned: /.@\d|^[./]/ },
  { command: /^gem install\b/, pinned: /:\d/ },
];
const takesValue = new Set([
  "-r",
  "--requirement",
  "-c",
  "--constraint",
  "-t",
  "--target-release",
  "--index-url",
  "-i",
  "--extra-index-url",
  "--prefix",
  "-v",
  "--version",
  "--repository",
  "-X",
]);

export const packagesUnpinned = defineRule({
  id: "container/packages-unpinned",
  title: "Packages are installed at a version",
  severity: "low",
  why: "the same file installs something else tomorrow: what was tested is not what is built",
  fix: "name the version of each package, or install from a lock file",
  references: ["cwe:829", "attack:T1195"],
  subject: "dockerfile",
  *check(file) {
    for (const instruction of everyInstruction(file)) {
      if (instruction.name !== "RUN") continue;
      const loose = commandsIn(instruction.text).flatMap(unpinned);
      if (loose.length > 0)
        yield lineHit(instruction, instruction.stage, { message: `RUN installs ${loose.slice(0, 5).join(", ")} at no version` });
    }
  },
  fixtures: {
    bad: [
      {
        name: "Dockerfile",
        content: "FROM a:1\nRUN apt-get update && apt-get install -y --no-install-recommends curl\nUSER 1\n",
      },
      { name: "pip", content: "FROM a:1\nRUN pip install torch\nUSER 1\n" },
    ],
    good: [
      {
        name: "Dockerfile",
        content:
          "FROM a:1\nRUN apt-get update && apt-get install -y curl=8.1\nRUN pip install -r requirements.txt && npm ci\nUSER 1\n",
      },
    ],
  },
});

function unpinned(command: string): string[] {
  const manager = managers.find(({ command: start }) => start.test(command));
  if (manager === undefined) return [];
  const words = command.replace(manager.command, "").trim().split(/\s+/);
  return words.filter((word, i) => {
    if (word === "" || word.startsWith("-") || word.includes("$") || takesValue.has(words[i - 1] ?? "")) return false;
    return !/[<>|&]/.test(word[0]!) && !manager.pinned.test(word.replace(/^["']|["']$/g, ""));
  });
}
