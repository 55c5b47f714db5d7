import type { Hit } from "../../define.ts";
import type { Dockerfile, Instruction, Stage } from "./parse.ts";

/** Every instruction with its stage. */
export function* everyInstruction({ stages }: Dockerfile): Generator<Instruction & { readonly stage: Stage }> {
  for (const stage of stages) for (const instruction of stage.instructions) yield { ...instruction, stage };
}

/** A hit at a line; the stage's name is its scope. */
export function lineHit({ line }: { readonly line: number }, stage: Stage | undefined, hit: Omit<Hit, "where">): Hit {
  return { ...hit, where: { line }, ...(stage?.name === undefined ? {} : { scope: stage.name }) };
}
