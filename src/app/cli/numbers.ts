import { quote } from "../../base/error/index.ts";
import { usage } from "./usage.ts";

/** For a flag that takes a number. @throws `cli/usage` */
export function number(text: string): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (Number.isFinite(value)) return value;
  throw usage(`${quote(text)} is no number`, "for example 10, 0.1 or 3e-4");
}

/** For a flag that takes a count. @throws `cli/usage` */
export function count(text: string): number {
  const value = number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw usage(`${quote(text)} is no whole number from 0`, "for example 64");
}

/** For a flag that takes a shape: `1x28x28`, `30`. @throws `cli/usage` */
export function shape(text: string): readonly number[] {
  const sizes = text.split(/[x×,]/).map(Number);
  if (sizes.every((size) => Number.isSafeInteger(size) && size >= 1)) return sizes;
  throw usage(`${quote(text)} is no shape`, "for example 1x28x28, or 30");
}
