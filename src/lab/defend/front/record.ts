/** What a model file says of the defences that were built into it: read by `assess` and by whoever serves it. */
import { z } from "zod";
import type { Model } from "../../../model/onnx/index.ts";
import { unsupported } from "../refuse.ts";

/** The key in the file's metadata. */
export const recordKey = "modelkeep.defence";

const part = z.strictObject({ id: z.string(), params: z.record(z.string(), z.json()) });
const share = z.number().min(0).max(1);

const detector = z.strictObject({
  ...part.shape,
  /** The output that holds a number for each row. */
  output: z.string().min(1),
  /** A row above it is refused. */
  threshold: z.number(),
  /** How the threshold was found: at most `bound` of harmless inputs are refused, with `confidence`; `exceeding` of `n` were. */
  calibration: z.strictObject({
    rate: share,
    bound: share,
    confidence: share,
    n: z.int().positive(),
    exceeding: z.int().nonnegative(),
  }),
});

const record = z.strictObject({
  schema: z.literal("modelkeep.defence/1"),
  /** In the order in which an input meets them. */
  defences: z.array(part),
  ensemble: z.strictObject({ members: z.int().min(2) }).optional(),
  detector: detector.optional(),
});

export type DefenceRecord = z.infer<typeof record>;
export type DetectorRecord = z.infer<typeof detector>;

/** @throws defend/unsupported-model when there is one that cannot be read */
export function recordOf({ metadata }: Pick<Model, "metadata">): DefenceRecord | undefined {
  const text = metadata.get(recordKey);
  if (text === undefined) return undefined;
  const parsed = record.safeParse(parse(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw unsupported(
    `the file's record of its defences cannot be read (${issue!.path.join(".")}: ${issue!.message.toLowerCase()})`,
    "build it again with `modelkeep defend`",
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The model with its record changed. */
export function recorded(model: Model, change: (before: DefenceRecord) => DefenceRecord): Model {
  const before = recordOf(model) ?? { schema: "modelkeep.defence/1", defences: [] };
  return { ...model, metadata: new Map(model.metadata).set(recordKey, JSON.stringify(change(before))) };
}
