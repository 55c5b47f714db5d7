import { defineRule } from "../../define.ts";
import { entriesAt } from "../../k8s/fields.ts";
import { hitAt } from "../../k8s/manifest/hits.ts";

export const secretInManifest = defineRule({
  id: "k8s/secret-in-manifest",
  title: "Secrets are made by whoever keeps them, not written into files",
  severity: "medium",
  why: "base64 hides nothing: whoever reads the file has the secret",
  fix: "use an external secret store, a sealed secret, or make it at deployment",
  references: ["cwe:312", "attack:T1552", "https://kubernetes.io/docs/concepts/security/secrets-good-practices/"],
  subject: "manifest",
  *check(manifest) {
    if (manifest.kind !== "Secret") return;
    for (const field of ["data", "stringData"] as const) {
      const filled = entriesAt(manifest.value, field).filter(([, value]) => typeof value === "string" && value !== "");
      if (filled.length > 0) yield hitAt(manifest, [field], { message: `it holds ${filled.map(([key]) => key).join(", ")}` });
    }
  },
  fixtures: {
    bad: [{ name: "secret.yaml", content: "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {password: x}\n" }],
    good: [{ name: "empty.yaml", content: "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ntype: Opaque\n" }],
  },
});
