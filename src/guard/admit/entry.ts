import { canonicalJson, digestOf, utf8 } from "../../base/crypto/index.ts";
import type { Evidence, Json } from "../../base/evidence/index.ts";
import type { AdmitRules } from "./policy.ts";
import type { AdmissionRequest, Decision } from "./review.ts";
import type { VerifiedDigest } from "./verifier.ts";

/** What was asked of registries for one decision, by reference. */
export type Asked = ReadonlyMap<string, VerifiedDigest>;

/** Texts from outside are cut where the log keeps them: an entry is a record, not the object. */
const maxText = 500;
const cut = (text: string): string => text.slice(0, maxText);

/** A decision as the log holds it: who asked for what, what it names, what was decided and why. */
export function entryOf(
  asked: AdmissionRequest,
  decision: Decision,
  { mode, verified }: { readonly mode: AdmitRules["mode"]; readonly verified: Asked },
): Evidence {
  const { uid, kind, namespace, operation, object, userInfo } = asked;
  const { decision: outcome = "admitted", reasons } = decision.annotations;
  const id = [kind.kind, namespace, nameOf(asked)].filter((part) => part !== undefined && part !== null && part !== "").join("/");
  return {
    kind: "admission.decided",
    outcome: decision.allowed ? "done" : "denied",
    action: operation.toLowerCase(),
    subject: { type: "workload", id: cut(id), digest: digestOf(utf8(canonicalJson(object as Json))) },
    requestId: uid,
    detail: {
      decision: outcome,
      mode,
      ...(reasons !== undefined && { reasons: cut(reasons) }),
      ...(userInfo?.username !== undefined && { user: cut(userInfo.username) }),
      ...(verified.size > 0 && { verified: [...verified].map(([reference, answer]) => verifiedDetail(reference, answer)) }),
    },
  };
}

function verifiedDetail(reference: string, answer: VerifiedDigest): Json {
  return { reference: cut(reference), ...(answer.ok ? { signer: answer.signer } : { refused: cut(answer.reason) }) };
}

/** The request names what is there already; what is new names itself, or, as a controller's pod, only the beginning of its name. */
function nameOf({ name, object }: AdmissionRequest): string | undefined {
  const { name: own, generateName } = (object as { metadata?: { name?: unknown; generateName?: unknown } }).metadata ?? {};
  const found = [name, own, typeof generateName === "string" ? `${generateName}*` : undefined];
  return found.find((one): one is string => typeof one === "string" && one !== "");
}
