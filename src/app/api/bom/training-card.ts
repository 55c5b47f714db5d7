/** The training record inside a model's file, for its card. The file may come from anywhere: what is of another form is not there. */
import { z } from "zod";
import type { Figure } from "../../../base/evidence/index.ts";
import type { DataCard, TrainingCard } from "../../report/index.ts";
import { recordKey } from "../record-key.ts";

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const set = z.object({ name: z.string().max(300), n: z.int().nonnegative(), digest });
const recordSchema = z.object({
  data: set,
  validation: set.optional(),
  from: z.object({ digest }).optional(),
  recipe: z.object({ loss: z.string().max(60).optional() }).optional(),
  epochs: z.int().nonnegative().optional(),
  last: z.object({ loss: z.number(), validation: z.record(z.string().max(60), z.number()).optional() }).nullish(),
});

export function trainingCardOf(metadata: ReadonlyMap<string, string>): TrainingCard | undefined {
  const record = metadata.get(recordKey);
  if (record === undefined) return undefined;
  let read: ReturnType<typeof recordSchema.safeParse>;
  try {
    read = recordSchema.safeParse(JSON.parse(record));
  } catch {
    return undefined;
  }
  if (!read.success) return undefined;
  const { data, validation, from, recipe, epochs, last } = read.data;
  return {
    data: [cardOf("training", data), ...(validation === undefined ? [] : [cardOf("validation", validation)])],
    from: from?.digest,
    loss: recipe?.loss,
    epochs,
    figures: last === null || last === undefined ? [] : figuresOf(last, validation?.n),
    record,
  };
}

const cardOf = (use: DataCard["use"], { name, n, digest: values }: z.output<typeof set>): DataCard => ({
  use,
  name,
  digest: values,
  size: n,
});

function figuresOf(
  { loss, validation = {} }: { loss: number; validation?: Readonly<Record<string, number>> | undefined },
  n?: number,
): Figure[] {
  const measured = Object.entries(validation).map(([name, value]) => ({
    name: `validation_${name}`,
    value,
    ...(n !== undefined && { n }),
  }));
  return [{ name: "training_loss", value: loss }, ...measured];
}
