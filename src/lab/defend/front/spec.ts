/** A defence or a detector as a person writes it: `squeeze`, `squeeze:bits=3`, `jpeg:quality=60,chroma=full`. */
import type { z } from "zod";
import { quote } from "../../../base/error/index.ts";
import { badOption } from "../refuse.ts";
import type { Range } from "./range.ts";

/** What was written, values still unchecked. */
export interface Spec {
  readonly id: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** @throws defend/bad-option */
export function parseSpec(text: string): Spec {
  const colon = text.indexOf(":");
  const id = (colon < 0 ? text : text.slice(0, colon)).trim();
  const params: Record<string, unknown> = {};
  for (const pair of colon < 0 ? [] : text.slice(colon + 1).split(",")) {
    const [name, value, ...rest] = pair.split("=").map((part) => part.trim());
    if (name === "" || name === undefined || value === undefined || value === "" || rest.length > 0)
      throw badOption(
        `${quote(text)} cannot be read`,
        "a name and settings, for example squeeze:bits=3 or jpeg:quality=60,chroma=full",
      );
    params[name] = Number.isNaN(Number(value)) ? value : Number(value);
  }
  return { id, params };
}

/**
 * Settings checked, defaults filled in; the range of values comes from whoever knows the data, where it is not said.
 * @throws defend/bad-option
 */
export function settle<Params>(
  of: { readonly id: string; readonly params: z.ZodType<Params> },
  given: Spec["params"],
  range?: Range,
): Params {
  const shape = (of.params as { readonly shape?: object }).shape ?? {};
  const known = range !== undefined && "low" in shape ? { ...range, ...given } : given;
  const parsed = of.params.safeParse(known);
  const settings = Object.keys(shape).join(", ");
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue!.path.join(".");
    throw badOption(
      `${of.id}: ${where === "" ? "" : `${quote(where)}: `}${issue!.message.toLowerCase()}`,
      settings === "" ? "it takes no settings" : `its settings: ${settings}`,
    );
  }
  const { low = 0, high = 1 } = parsed.data as Partial<Range>;
  if (!(low < high)) throw badOption(`${of.id}: values from ${low} to ${high}`, "the lower bound comes first: low=0,high=1");
  return parsed.data;
}
