import { defineRule } from "../../define.ts";
import { textAt } from "../../k8s/fields.ts";
import { hitAt } from "../../k8s/manifest/hits.ts";

/** Kinds that decide at admission what may run. */
const deciding = new Set([
  "ValidatingAdmissionPolicy",
  "ValidatingWebhookConfiguration",
  "ClusterPolicy",
  "Policy",
  "ImageValidatingPolicy",
  "ClusterImagePolicy",
  "ConstraintTemplate",
]);
const namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n";

export const admissionPolicy = defineRule({
  id: "k8s/admission-policy",
  title: "Something at admission asks for signatures",
  severity: "info",
  why: "files that were scanned are not all that reaches a cluster: only admission sees everything that runs",
  fix: "install an admission webhook, such as `modelkeep admit`, or a ValidatingAdmissionPolicy",
  references: ["attack:T1610", "https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/"],
  subject: "cluster",
  *check({ members }) {
    const first = members.find(
      ({ manifest }) => manifest.kind === "Namespace" && textAt(manifest.value, "metadata", "name") !== undefined,
    );
    if (first === undefined || members.some(({ manifest }) => deciding.has(manifest.kind))) return;
    const hit = hitAt(first.manifest, [], { message: "no admission policy stands beside it in what was scanned" });
    yield { ...hit, where: { ...hit.where, file: first.path } };
  },
  fixtures: {
    bad: [{ name: "alone.yaml", content: namespace }],
    good: [
      {
        name: "policy.yaml",
        content: `${namespace}---\napiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicy\nmetadata: {name: p}\n`,
      },
    ],
  },
});
