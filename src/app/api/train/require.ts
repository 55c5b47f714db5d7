/** `--require "accuracy >= 0.97"`: a bound that a figure must keep. */
import { ModelkeepError, nearest, quote } from "../../../base/error/index.ts";
import type {} from "../errors.ts";

const holds: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  ">=": (a, b) => a >= b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  "<": (a, b) => a < b,
};

/** A requirement, and whether it is met. */
export interface Required {
  readonly text: string;
  readonly figure: string;
  readonly value: number;
  readonly met: boolean;
}

/** @throws `api/bad-input` for words that are no requirement, or a figure that is not there */
export function checkRequired(text: string, figures: Readonly<Record<string, unknown>>): Required {
  const parts = /^\s*([A-Za-z]\w*)\s*(>=|<=|>|<)\s*(-?\d+(?:\.\d+)?(?:e-?\d+)?)\s*(%?)\s*$/.exec(text);
  if (parts === null) throw bad(`${quote(text)} is no requirement`, '--require "accuracy >= 0.97"');
  const [, figure, operator, bound, percent] = parts as unknown as [string, string, string, string, string];
  const value = figures[figure];
  if (typeof value !== "number") {
    const names = Object.keys(figures).filter((name) => typeof figures[name] === "number");
    const near = nearest(figure, names);
    throw bad(
      `there is no figure ${quote(figure)}`,
      near === undefined ? `there are ${names.join(", ")}` : `did you mean ${quote(near)}?`,
    );
  }
  return { text, figure, value, met: holds[operator]!(value, percent === "%" ? Number(bound) / 100 : Number(bound)) };
}

const bad = (message: string, hint: string): ModelkeepError =>
  new ModelkeepError("api/bad-input", { message, hint, exit: 4, status: 400 });
