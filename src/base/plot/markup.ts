import { escapeText } from "../error/index.ts";

/**
 * Text that may stand in a document as it is. Only {@link element} and {@link text} make it, so a string from outside cannot become
 * markup by being forgotten.
 */
export interface Markup {
  readonly markup: string;
}

export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** A string from outside as the content of an element: control bytes and overrides of direction are written out. */
export function text(value: string): Markup {
  return { markup: escapeMarkup(shorten(value)) };
}

/** A string from outside no longer than a picture needs: labels are words, and a file name of a megabyte is an attack. */
export const shorten = (value: string): string => (value.length > 500 ? `${value.slice(0, 500)}…` : value);

/** An element. Attributes that are undefined are left out; numbers are rounded to a hundredth of a unit, so that equal charts are equal bytes. */
export function element(name: string, attributes: Attributes, ...children: readonly (Markup | undefined)[]): Markup {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${typeof value === "number" ? number(value) : escapeMarkup(value!)}"`)
    .join("");
  const inside = children.map((child) => child?.markup ?? "").join("");
  return { markup: inside === "" ? `<${name}${written}/>` : `<${name}${written}>${inside}</${name}>` };
}

/** A coordinate: at most two decimals, never `-0`, never an exponent. */
export function number(value: number): string {
  const rounded = Math.round(value * 100) / 100;
  return String(rounded === 0 ? 0 : rounded);
}

function escapeMarkup(value: string): string {
  return escapeText(value, Infinity)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}
