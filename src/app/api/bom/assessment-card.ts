import { z } from "zod";
import type { EvidenceEntry, Figure } from "../../../base/evidence/index.ts";
import { ModelkeepError, quote } from "../../../base/error/index.ts";
import type { AssessmentCard } from "../../report/index.ts";
import { fileAt } from "../sign/files.ts";
import type {} from "../errors.ts";

const interval = z.object({ low: z.number(), high: z.number(), level: z.number() });
const threat = z.object({
  norm: z.string(),
  epsilon: z.number(),
  n: z.int(),
  robustAccuracy: z.number(),
  interval,
  verdict: z.string(),
  reasons: z.array(z.string()).default([]),
});
const reportSchema = z.object({
  schema: z.literal("modelkeep.assessment/1"),
  model: z.object({ digest: z.string().optional() }),
  data: z.object({ name: z.string(), digest: z.string().optional(), size: z.int() }),
  cleanAccuracy: z.number(),
  cleanInterval: interval.optional(),
  threats: z.array(threat),
  seed: z.int().optional(),
  replay: z.string().optional(),
});

/**
 * What `modelkeep assess` wrote as `result.json`, if it is about one of these models.
 * @throws `api/no-such-file`, `api/bad-data`
 */
export async function readAssessment(
  path: string,
  digests: readonly string[],
): Promise<{ digest: string; card: AssessmentCard }> {
  const report = reportOf(await fileAt(path), path);
  const { digest } = report.model;
  if (digest === undefined || !digests.includes(digest))
    throw refused(`${quote(path, 160)} is about another model: ${quote(digest ?? "one at an address")}`);
  return { digest, card: cardOf(report) };
}

function cardOf(report: z.output<typeof reportSchema>): AssessmentCard {
  const { cleanAccuracy, cleanInterval, threats, data, seed, replay } = report;
  const clean: Figure = {
    name: "clean_accuracy",
    value: cleanAccuracy,
    n: data.size,
    ...(cleanInterval && { interval: cleanInterval }),
  };
  return {
    figures: [
      clean,
      ...threats.map(({ norm, epsilon, robustAccuracy, n, interval: bounds }): Figure => ({
        name: `robust_accuracy@${norm}:${epsilon}`,
        value: robustAccuracy,
        n,
        interval: bounds,
      })),
    ],
    data: { use: "assessment", name: data.name, digest: data.digest, size: data.size },
    limits: threats.flatMap(({ norm, epsilon, verdict, reasons }) => limitOf({ norm, epsilon, verdict }, reasons)),
    seed,
    replay,
  };
}

/** The same from the audit log of a service. */
export function assessmentOf({ evidence }: EvidenceEntry): AssessmentCard {
  const { figures = [], seed, replay, detail = {} } = evidence;
  const verdicts = z
    .array(z.object({ norm: z.string(), epsilon: z.number(), verdict: z.string() }))
    .safeParse(detail["verdicts"]);
  const digest = typeof detail["data"] === "string" ? detail["data"] : undefined;
  const size = figures.find(({ name }) => name === "clean_accuracy")?.n;
  return {
    figures,
    data: digest === undefined ? undefined : { use: "assessment", name: "assessment data", digest, size },
    limits: verdicts.success ? verdicts.data.flatMap((one) => limitOf(one, [])) : [],
    seed,
    replay,
  };
}

interface Said {
  readonly norm: string;
  readonly epsilon: number;
  readonly verdict: string;
}

function limitOf({ norm, epsilon, verdict }: Said, reasons: readonly string[]): string[] {
  if (verdict === "robust") return [];
  return [`${norm} ${epsilon}: ${verdict}${reasons.length === 0 ? "" : ` (${reasons.join("; ")})`}`];
}

function reportOf(bytes: Uint8Array, path: string): z.output<typeof reportSchema> {
  try {
    return reportSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (cause) {
    throw refused(`${quote(path, 160)} is no assessment`, cause);
  }
}

function refused(message: string, cause?: unknown): ModelkeepError {
  return new ModelkeepError("api/bad-data", {
    message,
    hint: "give result.json of the folder below runs/ that `modelkeep assess` named, made with this very file",
    exit: 4,
    status: 400,
    cause,
  });
}
