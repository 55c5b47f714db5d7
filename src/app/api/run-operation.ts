import type { z } from "zod";
import type { Actor } from "../../base/evidence/index.ts";
import { ModelkeepError, quote } from "../../base/error/index.ts";
import type { Operation } from "./define.ts";
import type {} from "./errors.ts";
import type { Services } from "./services.ts";

/**
 * Checks the input and runs the operation.
 *
 * @throws `api/bad-input` naming the field, and what the operation throws.
 */
export async function runOperation<Input extends z.ZodType, Output>(
  operation: Operation<Input, Output>,
  services: Services,
  request: { readonly input: unknown; readonly by: Actor },
): Promise<Output> {
  const parsed = operation.input.safeParse(request.input);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw new ModelkeepError("api/bad-input", {
      message: `${operation.id}: ${quote(issue.path.join(".") || "input")}: ${issue.message.charAt(0).toLowerCase()}${issue.message.slice(1)}`,
      hint: "see the command's `--help`",
      exit: 4,
      status: 400,
    });
  }
  return operation.run(services, parsed.data, request.by);
}
