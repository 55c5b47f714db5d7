import { defineRule } from "../../define.ts";
import type { Fixture, Hit, Rule, TextEdit } from "../../define.ts";
import type { ScanContext } from "../../engine/context.ts";
import { fieldText, textAt } from "../fields.ts";
import type { Edit } from "../fields.ts";
import { lineOf } from "../manifest/manifest.ts";
import type { Manifest, PodTemplate } from "../manifest/manifest.ts";
import { podField } from "../manifest/pod-template.ts";
import { textEditsFor } from "../yaml/edit-text.ts";
import { byteOffset } from "../yaml/source-text.ts";
import { newestMinor } from "./control.ts";
import type { PodControl } from "./control.ts";
import { editsFor, evaluatePod, parseMinor } from "./evaluate.ts";
import type { PodStandard, PodVerdict, PodViolation } from "./evaluate.ts";

/** What is known of one pod of a manifest at one standard. */
interface Judged {
  readonly template: PodTemplate;
  readonly verdict: PodVerdict;
  /** The edits that mend the whole pod, as text; all its findings offer the same ones, because one field may mend several. */
  readonly edits: readonly TextEdit[] | undefined;
}

const judged = new WeakMap<Manifest, Map<string, readonly Judged[]>>();

/** The standard that a scan was asked to hold pods to. */
export function standardOf({ options }: ScanContext): PodStandard {
  return { level: options.pss ?? "restricted", minor: parseMinor(options.k8sVersion ?? "latest") ?? newestMinor };
}

/** All pods of a manifest, judged once however many rules ask. */
export function judgePods(manifest: Manifest, context: ScanContext): readonly Judged[] {
  const standard = standardOf(context);
  const key = `${standard.level} ${standard.minor}`;
  const known = judged.get(manifest)?.get(key);
  if (known !== undefined) return known;
  const fresh = manifest.pods.map((template) => {
    const found = judge(manifest, template, standard);
    // What a chart rendered to is no file that could be mended, and a step of a pipeline gets its pod from elsewhere.
    return context.renderer === undefined && template.moved === undefined ? found : { ...found, edits: undefined };
  });
  judged.set(manifest, new Map([...(judged.get(manifest) ?? []), [key, fresh]]));
  return fresh;
}

function judge(manifest: Manifest, template: PodTemplate, standard: PodStandard): Judged {
  const verdict = evaluatePod(template.value, standard);
  const edits = verdict.violations.length === 0 ? [] : editsFor(template.value, standard, verdict);
  return { template, verdict, edits: edits === undefined ? undefined : inText(manifest, template, edits) };
}

function inText(manifest: Manifest, template: PodTemplate, edits: readonly Edit[]): readonly TextEdit[] | undefined {
  const { file, document, base } = manifest;
  const moved = edits.map((edit) => ({ ...edit, path: [...base, ...podField(template, edit.path)] }));
  return textEditsFor(file, document, moved)?.map(({ offset, length, text }) => {
    const start = byteOffset(file.text, offset);
    return { offset: start, length: byteOffset(file.text, offset + length) - start, text };
  });
}

/** A control of the Pod Security Standards as a rule of `scan`: it fires only for pods that break it at the level that was asked for. */
export function podRule(control: PodControl): Rule {
  const { id, title, severity, why, fix, references } = control;
  return defineRule({
    id: id as `pss/${string}`,
    title,
    severity,
    why,
    fix,
    references,
    subject: "manifest",
    *check(manifest, context) {
      for (const { template, verdict, edits } of judgePods(manifest, context)) {
        for (const problem of verdict.violations) {
          if (problem.control.id === id) yield hitOf(manifest, { template, edits }, problem);
        }
      }
    },
    fixtures: {
      bad: control.examples.bad.map(fixture("bad", control)),
      good: control.examples.good.map(fixture("good", control)),
    },
  });
}

type Pod = Pick<Judged, "template" | "edits">;

function hitOf(manifest: Manifest, { template, edits }: Pod, { path, message, control }: PodViolation): Hit {
  const field = podField(template, path);
  const container =
    typeof path[2] === "number" && path[1] !== "volumes" ? textAt(template.value, ...path.slice(0, 3), "name") : undefined;
  return {
    message: `${manifest.kind} ${manifest.name}: ${message}`,
    where: { field: fieldText([...manifest.base, ...field]), line: lineOf(manifest, field) },
    evidence: `${control.level} forbids ${fieldText(field)}`,
    ...(container === undefined ? {} : { scope: container }),
    ...(edits === undefined || edits.length === 0 ? {} : { edits }),
  };
}

/** Judged at the control's own level: above it another control may take its place. */
const fixture =
  (name: string, { level }: PodControl) =>
  (pod: object, i: number): Fixture => ({
    name: `${name}${i}.yaml`,
    content: JSON.stringify({ apiVersion: "v1", kind: "Pod", ...pod }, null, 1),
    options: { pss: level },
  });
