import { defineRule } from "../../define.ts";
import { entriesAt, listAt, textAt } from "../../k8s/fields.ts";
import { containersOf, hitAt } from "../../k8s/manifest/hits.ts";
import { looksSecret, secretWord } from "../../secrets.ts";

const pod = (env: string) =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: a\n    env:\n    - ${env}\n`;

export const secretInEnv = defineRule({
  id: "k8s/secret-in-env",
  title: "No secret stands in a manifest's environment or config map",
  severity: "high",
  why: "manifests lie in repositories, and whoever may see the pod sees its environment",
  fix: "take it from a Secret by secretKeyRef or as a file, and change the secret: it has been seen",
  references: ["cis:5.4.1", "cwe:798", "attack:T1552"],
  subject: "manifest",
  *check(manifest) {
    for (const { name, value, path } of containersOf(manifest)) {
      for (const [i, variable] of listAt(value, "env").entries()) {
        const found = looksSecret(textAt(variable, "name") ?? "", textAt(variable, "value"));
        if (!found) continue;
        const message = `container ${name} has ${secretWord(textAt(variable, "name") ?? "")} in its environment`;
        yield hitAt(manifest, [...path, "env", i, "value"], { message, scope: name });
      }
    }
    if (manifest.kind !== "ConfigMap") return;
    for (const [key, data] of entriesAt(manifest.value, "data")) {
      if (typeof data === "string" && looksSecret(key, data)) {
        yield hitAt(manifest, ["data", key], { message: `${secretWord(key)} stands in a config map` });
      }
    }
  },
  fixtures: {
    bad: [
      { name: "password.yaml", content: pod("{name: DB_PASSWORD, value: hunter2hunter2}") },
      { name: "key.yaml", content: pod("{name: X, value: AKIAIOSFODNN7EXAMPLE}") },
    ],
    good: [
      { name: "reference.yaml", content: pod("{name: DB_PASSWORD, valueFrom: {secretKeyRef: {name: db, key: password}}}") },
      { name: "file.yaml", content: pod("{name: DB_PASSWORD_FILE, value: /run/secrets/db}") },
    ],
  },
});
