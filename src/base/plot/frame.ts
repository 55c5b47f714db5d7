import { element, shorten, text } from "./markup.ts";
import type { Markup } from "./markup.ts";
import type { Axis, Scale } from "./scale.ts";
import { formatNumber } from "./ticks.ts";

/** Font size of every word in a chart, in the units of its view box; {@link textWidth} goes by it. */
export const fontSize = 12;

/** About how wide a sans-serif font sets a string: no font is measured, so that a picture is the same on every machine. */
export const textWidth = (words: string): number => words.length * fontSize * 0.56;

/** A label that fits, with an ellipsis where it did not. */
export function fit(words: string, width: number): string {
  const room = Math.max(1, Math.floor(width / (fontSize * 0.56)));
  return words.length <= room ? words : `${words.slice(0, Math.max(1, room - 1))}…`;
}

export interface Picture {
  /** Read aloud, and shown when a pointer rests on the picture. */
  readonly title: string;
  readonly width: number;
  readonly height: number;
}

/** The outermost element: scales to its place, speaks its title. */
export function picture({ title, width, height }: Picture, ...children: readonly (Markup | undefined)[]): string {
  const attributes = { class: "plot", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": shorten(title) };
  return element("svg", { xmlns: "http://www.w3.org/2000/svg", ...attributes }, element("title", {}, text(title)), ...children)
    .markup;
}

/** A rectangle within a picture. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Words at a place; longer than `width` they are cut, and whole in the title. */
export function label(
  words: string,
  at: { x: number; y: number; anchor?: "start" | "middle" | "end"; class?: string; width?: number; transform?: string },
): Markup {
  const cut = at.width === undefined ? words : fit(words, at.width);
  const whole = cut === words ? undefined : element("title", {}, text(words));
  return element(
    "text",
    { x: at.x, y: at.y, "text-anchor": at.anchor === "start" ? undefined : at.anchor, class: at.class, transform: at.transform },
    whole,
    text(cut),
  );
}

/** Grid, ticks and names of both axes around `box`. */
export function axes(box: Box, x: { axis: Axis; scale: Scale }, y: { axis: Axis; scale: Scale }): Markup {
  const bottom = box.top + box.height;
  const rows = y.scale.ticks.flatMap((tick) => {
    const at = bottom - y.scale.at(tick);
    return [
      element("line", { class: "grid", x1: box.left, x2: box.left + box.width, y1: at, y2: at }),
      label(formatNumber(tick, y.axis.format), { x: box.left - 6, y: at + 4, anchor: "end", class: "tick" }),
    ];
  });
  const columns = x.scale.ticks.flatMap((tick) => {
    const at = box.left + x.scale.at(tick);
    return [
      element("line", { class: "axis", x1: at, x2: at, y1: bottom, y2: bottom + 4 }),
      label(formatNumber(tick, x.axis.format), { x: at, y: bottom + 17, anchor: "middle", class: "tick" }),
    ];
  });
  const line = element("line", { class: "axis", x1: box.left, x2: box.left + box.width, y1: bottom, y2: bottom });
  const names = [
    x.axis.label === undefined
      ? undefined
      : label(x.axis.label, { x: box.left + box.width / 2, y: bottom + 36, anchor: "middle", class: "name", width: box.width }),
    y.axis.label === undefined
      ? undefined
      : label(y.axis.label, { x: 0, y: box.top - 12, class: "name", width: box.left + box.width }),
  ];
  return element("g", {}, ...rows, ...columns, line, ...names);
}
