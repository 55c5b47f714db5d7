import { ModelkeepError, quote } from "../../base/error/index.ts";
import type {} from "./errors.ts";

/** For a flag that takes a number. @throws `cli/usage` */
export function number(text: string): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (Number.isFinite(value)) return value;
  throw new ModelkeepError("cli/usage", { message: `${quote(text)} is no number`, hint: "for example 10, 0.1 or 3e-4", exit: 4 });
}

/** For a flag that takes a count. @throws `cli/usage` */
export function count(text: string): number {
  const value = number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new ModelkeepError("cli/usage", { message: `${quote(text)} is no whole number from 0`, hint: "for example 64", exit: 4 });
}

/** For a flag that takes a shape: `1x28x28`, `30`. @throws `cli/usage` */
export function shape(text: string): readonly number[] {
  const sizes = text.split(/[x×,]/).map(Number);
  if (sizes.every((size) => Number.isSafeInteger(size) && size >= 1)) return sizes;
  throw new ModelkeepError("cli/usage", { message: `${quote(text)} is no shape`, hint: "for example 1x28x28, or 30", exit: 4 });
}
