import { escapeText } from "../../base/error/index.ts";
import { evaluatePod, fieldText, podField } from "../../posture/scan/index.ts";
import type { PodTemplate } from "../../posture/scan/index.ts";
import type { AdmitRules, VerifyDigest } from "./policy.ts";
import type { AdmissionRequest, Decision } from "./review.ts";
import { isUnchanged, workloadOf } from "./workload.ts";
import type { Named } from "./workload.ts";

const maxReasons = 20;
/** A pod names a few; who names a thousand wants to keep us busy. */
const maxReferences = 200;
const yes: Decision = { allowed: true, reasons: [], warnings: [], annotations: {} };

/**
 * Whether an object may come into the cluster: every image and model pinned and signed, every pod within the standard. What cannot be
 * decided is refused.
 */
export async function decide(request: AdmissionRequest, rules: AdmitRules, verify: VerifyDigest): Promise<Decision> {
  const { operation, namespace, object } = request;
  if (operation === "DELETE" || operation === "CONNECT") return yes;
  if (rules.exemptNamespaces.includes(namespace ?? "")) return { ...yes, annotations: { decision: "exempt" } };
  const reasons =
    typeof object === "object" && object !== null ? await reasonsAgainst(request, rules, verify) : ["the request has no object"];
  return spoken(
    reasons.map((text) => escapeText(text, 600)),
    rules.mode,
  );
}

async function reasonsAgainst(request: AdmissionRequest, rules: AdmitRules, verify: VerifyDigest): Promise<string[]> {
  if (isUnchanged(request)) return [];
  const { pods, images, models } = workloadOf(request);
  if (images.length + models.length > maxReferences) return [`it names more than ${maxReferences} images and models`];
  const named = await Promise.all([
    ...images.map((image) => againstImage(image, rules, verify)),
    ...(rules.verifyModels ? models.map((model) => againstModel(model, rules, verify)) : []),
  ]);
  return [...new Set([...named.flat(), ...pods.flatMap((pod) => againstPod(pod, rules))])];
}

async function againstImage({ where, reference }: Named, rules: AdmitRules, verify: VerifyDigest): Promise<string[]> {
  if (reference === "") return [`${where} names no image`];
  if (!/@sha256:[0-9a-f]{64}$/.test(reference)) return [`${where}: image ${reference} is not pinned by digest (@sha256:…)`];
  if (!rules.verifySignatures) return [];
  const known = await verify(reference);
  return known.ok ? [] : [`${where}: image ${reference} is not verified: ${known.reason}`];
}

async function againstModel({ where, reference }: Named, rules: AdmitRules, verify: VerifyDigest): Promise<string[]> {
  const artefact = /^oci:\/\/(.+@sha256:[0-9a-f]{64})$/.exec(reference)?.[1];
  if (artefact === undefined)
    return [
      `${where}: model ${reference} cannot be verified here; name an OCI artefact by digest (oci://registry/model@sha256:…)`,
    ];
  if (!rules.verifySignatures) return [];
  const known = await verify(artefact);
  return known.ok ? [] : [`${where}: model ${reference} is not verified: ${known.reason}`];
}

function againstPod(pod: PodTemplate, { standard }: AdmitRules): string[] {
  if (standard === undefined) return [];
  const { violations, wrongTypes } = evaluatePod(pod.value, standard);
  return [
    ...wrongTypes.map(({ path }) => `${fieldText(podField(pod, path))} has the wrong type`),
    ...violations.map(
      ({ control, path, message }) => `${fieldText(podField(pod, path))}: ${message} (${standard.level}: ${control.id})`,
    ),
  ];
}

function spoken(all: readonly string[], mode: AdmitRules["mode"]): Decision {
  if (all.length === 0) return { ...yes, annotations: { decision: "admitted" } };
  const reasons = all.length > maxReasons ? [...all.slice(0, maxReasons), `and ${all.length - maxReasons} more`] : all;
  const text = reasons.join("; ").slice(0, 4_000);
  if (mode === "enforce") return { allowed: false, reasons, warnings: [], annotations: { decision: "refused", reasons: text } };
  const annotations = { decision: "would-refuse", reasons: text };
  return { allowed: true, reasons: [], warnings: mode === "warn" ? reasons : [], annotations };
}
