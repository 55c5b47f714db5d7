import { defineRule } from "../../define.ts";
import { at, textAt } from "../../k8s/fields.ts";
import type { Placed } from "../../k8s/cluster.ts";
import { hitAt } from "../../k8s/manifest/hits.ts";
import { podField } from "../../k8s/manifest/pod-template.ts";

/** Over all files, because a ServiceAccount may turn it off for its pods. */
export const tokenAutomount = defineRule({
  id: "k8s/token-automount",
  title: "Pods that do not speak to the API server hold no token for it",
  severity: "low",
  why: "whoever breaks into the pod speaks to the API server with the rights of its service account",
  fix: "set automountServiceAccountToken to false, or on the service account",
  references: ["cis:5.1.6", "attack:T1528", "nsa-cisa:kubernetes-hardening"],
  subject: "cluster",
  *check({ members }) {
    const without = new Set(
      members.filter(isAccountWithout).map(({ manifest }) => accountKey(manifest.namespace, manifest.name)),
    );
    for (const { path, manifest } of members) {
      for (const template of manifest.pods) {
        const own = at(template.value, "spec", "automountServiceAccountToken");
        const account = textAt(template.value, "spec", "serviceAccountName") ?? "default";
        if (own === false || (own === undefined && without.has(accountKey(manifest.namespace, account)))) continue;
        const field = podField(template, ["spec", "automountServiceAccountToken"]);
        const hit = hitAt(manifest, field, { message: `its pods hold a token of the service account ${account}` });
        yield { ...hit, where: { ...hit.where, file: path } };
      }
    }
  },
  fixtures: {
    bad: [{ name: "default.yaml", content: "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: []}\n" }],
    good: [
      {
        name: "off.yaml",
        content: "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {automountServiceAccountToken: false}\n",
      },
      {
        name: "account.yaml",
        content:
          "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: s}\nautomountServiceAccountToken: false\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {serviceAccountName: s}\n",
      },
    ],
  },
});

function isAccountWithout({ manifest }: Placed): boolean {
  return manifest.kind === "ServiceAccount" && at(manifest.value, "automountServiceAccountToken") === false;
}

const accountKey = (namespace: string | undefined, name: string): string => `${namespace ?? ""}/${name}`;
