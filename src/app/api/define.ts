import type { z } from "zod";
import type { Actor } from "../../base/evidence/index.ts";
import type { Services } from "./services.ts";

/**
 * Something an operator can ask of the keep: the same over the admin socket while it serves, and directly while it does not.
 * One file in `operations/` each; the command line and the console are faces of these.
 */
export interface Operation<Input extends z.ZodType = z.ZodType, Output = unknown> {
  /** `area.verb`, stable. */
  readonly id: string;
  readonly title: string;
  readonly input: Input;
  /** `by` is who asked; it goes into the evidence of what changes. The output must survive JSON. */
  run(services: Services, input: z.output<Input>, by: Actor): Promise<Output>;
}

/**
 * @example
 * export const keysList = defineOperation({
 *   id: "keys.list",
 *   title: "List keys",
 *   input: z.strictObject({}),
 *   run: ({ access }) => access.keys.list(),
 * });
 */
export function defineOperation<Input extends z.ZodType, Output>(operation: Operation<Input, Output>): Operation<Input, Output> {
  return operation;
}

export type InputOf<T> = T extends Operation<infer Input, unknown> ? z.input<Input> : never;
export type OutputOf<T> = T extends Operation<z.ZodType, infer Output> ? Output : never;
