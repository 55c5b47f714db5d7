import fc from "fast-check";
import { mostly, scalars, words } from "./yaml-scalars.ts";

const keys = mostly(
  ["a", "b", "kind", "spec", "x-y", "a.b/c", '"a"', "'b c'", "8080", "yes", "__proto__", "a b", "é", "0x1", "~"],
  ["<<", "?", "k ", "", "-k", "'a\n'", "&x a", "*x", "[a]", "{a: b}", '"\\u0061"'],
);

/** What may stand at the end of a line or between two. */
const ends = mostly(
  ["", "", "", "", " # why", " ", "  #", "\n", "\n\n", "\n# c", "\n ", "\n  # c\n", "\n    # deep"],
  ["#", " \n   ", "\n  x"],
);

type Written = (indent: number) => string;

const pad = (indent: number): string => " ".repeat(Math.max(0, indent));

const { block } = fc.letrec<{ block: Written; value: Written }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    scalars.map(
      (text): Written =>
        (indent) =>
          ` ${text.replaceAll("\n", `\n${pad(indent)}`)}`,
    ),
    fc.constantFrom("", "", " # nothing").map(
      (text): Written =>
        () =>
          text,
    ),
    fc.tuple(tie("block"), fc.constantFrom(1, 2, 2, 2, 2, 4)).map(
      ([inner, more]): Written =>
        (indent) =>
          `\n${inner(indent + more)}`,
    ),
  ),
  block: fc.oneof(
    fc.array(fc.tuple(keys, tie("value"), ends), { minLength: 1, maxLength: 4 }).map(
      (fields): Written =>
        (indent) =>
          fields.map(([key, value, end]) => `${pad(indent)}${key}:${value(indent)}${end}`).join("\n"),
    ),
    fc.array(fc.tuple(fc.oneof(tie("value"), tie("block")), fc.constantFrom(0, 0, 1), ends), { minLength: 1, maxLength: 3 }).map(
      (items): Written =>
        (indent) =>
          items.map(([item, space, end]) => listItem(item, indent, space) + end).join("\n"),
    ),
  ),
}));

/** A block as an item begins beside the dash. */
function listItem(item: Written, indent: number, space: number): string {
  const text = item(indent + 2 + space);
  const beside = /^ *[^\s-]/.test(text) ? text.trimStart() : text;
  return `${pad(indent)}-${text === beside ? "" : " ".repeat(1 + space)}${beside}`;
}

const between = mostly(
  ["\n---\n", "\n---\n# c\n", "\n\n# c\n---\n", "\n--- # c\n", "\n---\n---\n", "\n---\n# c\n---\n", "\n---  \n--- \n\n"],
  [
    "\n...\n---\n",
    "\n--- {a: 1}\n---\n",
    "\n--- a\n---\n",
    "\n---\n{a: 1}\n---\n",
    "\n---\n{a: 1}\n\n---\n",
    "\n---\na\n---\n",
    "\n---#\n",
  ],
);
const begins = mostly(
  ["", "", "---\n", "# c\n", "# c\n---\n", "\n", "  # c\n\n---\n", '{"a": [1]}\n---\n', "---\n  # c\n---\n"],
  ["%YAML 1.1\n---\n", "\uFEFF", "{a: 1}\n\n---\n", "{a: 1} # c\n---\n", "  [a]\n---\n", "a\n---\n", "---  # c\n---\n"],
);
const closes = mostly(
  ["", "\n", "\n\n", "\n# end", "\n---", "\n---\n", "\n   ", "\n--- \n\n# c\n"],
  ["\n...\n", "\n...", "\n--- a", "\n- "],
);

/** Texts from a grammar of manifests, right and nearly right. */
export const manifestTexts: fc.Arbitrary<string> = fc
  .tuple(begins, fc.array(fc.tuple(block, between), { minLength: 1, maxLength: 3 }), closes, mostly(["\n"], ["\r\n"]))
  .map(([begin, blocks, close, newline]) => {
    const body = blocks.map(([write, then], i) => write(0) + (i === blocks.length - 1 ? "" : then)).join("");
    return (begin + body + close).replaceAll("\n", newline);
  });

const pieces = [
  "",
  " ",
  "  ",
  "\n",
  "\n\n",
  "#",
  " #",
  ":",
  ": ",
  "-",
  "- ",
  "'",
  '"',
  ...words("{ } [ ] , | >"),
  "|+\n",
  "a",
  "0",
  "~",
  ".",
  "---",
  "\n---\n",
  "\n...\n",
  "\t",
  "&a",
  "*a",
  "!",
  "?",
  "%",
  "\\",
  "<<: ",
  "\r",
  "\n# c\n",
];

/** Texts with a few places changed. */
export function mutationsOf(texts: readonly string[]): fc.Arbitrary<string> {
  const change = fc.tuple(
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.constantFrom(0, 0, 1, 1, 2, 5),
    fc.constantFrom(...pieces),
  );
  return fc.tuple(fc.constantFrom(...texts), fc.array(change, { minLength: 1, maxLength: 3 })).map(([text, changes]) =>
    changes.reduce((changed, [where, length, piece]) => {
      const at = Math.floor(where * changed.length);
      return changed.slice(0, at) + piece + changed.slice(at + length);
    }, text),
  );
}
