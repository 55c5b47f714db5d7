import { serviceHit, servicesOf } from "../../container/compose.ts";
import { defineRule } from "../../define.ts";
import { at, entriesAt } from "../../k8s/fields.ts";
import { looksSecret, secretWord } from "../../secrets.ts";

const compose = (environment: string) => `services:\n  a:\n    image: a:1\n    environment: ${environment}\n`;

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
      const environment = at(service.value, "environment");
      const pairs = Array.isArray(environment)
        ? environment.map((line, i): [string | number, string, string] => [
            i,
            String(line).split("=")[0]!,
            String(line).split("=").slice(1).join("="),
          ])
        : entriesAt(environment).map(([key, value]): [string | number, string, string] => [
            key,
            key,
            value === null ? "" : String(value),
          ]);
      for (const [step, key, value] of pairs) {
        if (looksSecret(key, value))
          yield serviceHit(file, service, { field: ["environment", step], message: `its environment holds ${secretWord(key)}` });
      }
    }
  },
  fixtures: {
    bad: [
      { name: "compose.yaml", content: compose("{POSTGRES_PASSWORD: hunter2hunter2}") },
      { name: "list.yaml", content: compose("['API_TOKEN=abcdef123456']") },
    ],
    good: [
      { name: "compose.yaml", content: compose("{POSTGRES_PASSWORD_FILE: /run/secrets/p, POSTGRES_PASSWORD: '${PASSWORD}'}") },
    ],
  },
});
