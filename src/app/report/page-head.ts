import { pageStyle } from "./assessment/style.ts";
import { markup } from "./markup.ts";

/** How each page of a run begins: nothing but its own style and pictures is let in, whatever a model or data call themselves. */
export const pageHead = (title: string): string =>
  [
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">',
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">",
    `<title>${markup(title, 200)}</title><style>${pageStyle}</style></head><body>`,
  ].join("\n");
