import { serviceHit, servicesOf } from "../../container/compose.ts";
import { defineRule } from "../../define.ts";
import { at, entriesAt } from "../../k8s/fields.ts";
import { looksSecret, secretWord } from "../../secrets.ts";

const compose = (environment: string) => `services:\n  a:\n    image: a:1\n    environment: ${environment}\n`;

const places = [
  [["environment"], "its environment holds"],
  [["build", "args"], "its build is given"],
] as const;

/** `KEY=value` in a list, or a mapping. */
function pairsAt(value: unknown): (readonly [step: string | number, key: string, value: string])[] {
  if (!Array.isArray(value)) return entriesAt(value).map(([key, one]) => [key, key, one === null ? "" : String(one)]);
  return value.map((line, i) => {
    const [key = "", ...rest] = String(line).split("=");
    return [i, key, rest.join("=")];
  });
}

export const composeSecret = defineRule({
  id: "container/compose-secret",
  title: "No secret stands in a compose file",
  severity: "high",
  why: "the file lies in a repository, and the environment is seen by whoever may inspect the container",
  fix: "use `secrets:` with a file, and change the secret: it has been seen",
  references: ["cwe:798", "attack:T1552"],
  subject: "compose",
  *check(file) {
    for (const service of servicesOf(file)) {
      for (const [field, words] of places) {
        for (const [step, key, value] of pairsAt(at(service.value, ...field))) {
          if (looksSecret(key, value))
            yield serviceHit(file, service, { field: [...field, step], message: `${words} ${secretWord(key)}` });
        }
      }
    }
  },
  fixtures: {
    bad: [
      { name: "compose.yaml", content: compose("{POSTGRES_PASSWORD: hunter2hunter2}") },
      { name: "args.yaml", content: "services:\n  a:\n    build: {context: ., args: {API_TOKEN: abcdef123456}}\n" },
      { name: "list.yaml", content: compose("['API_TOKEN=abcdef123456']") },
    ],
    good: [
      { name: "compose.yaml", content: compose("{POSTGRES_PASSWORD_FILE: /run/secrets/p, POSTGRES_PASSWORD: '${PASSWORD}'}") },
    ],
  },
});
