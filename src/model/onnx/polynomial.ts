/**
 * Polynomials with integer coefficients over symbols and floor divisions: what symbolic dimensions are inside, and their text form.
 */
import { ModelkeepError } from "../../base/error/index.ts";
import type { Dim } from "./graph.ts";

/** Coefficients by monomial; a monomial is its atoms, sorted and joined by `*`, and `""` is the constant term. */
export type Polynomial = ReadonlyMap<string, number>;

/** Larger expressions become `null`: nobody reads them, and hostile graphs would grow them without end. */
const maxTerms = 32;
const maxText = 400;

const cache = new Map<string, Polynomial>();
const cacheSize = 4096;

/** A dimension as a polynomial; texts that are no expression are one symbol. */
export function polynomial(dim: number | string): Polynomial {
  if (typeof dim === "number") return new Map(dim === 0 ? [] : [["", dim]]);
  let known = cache.get(dim);
  if (known === undefined) {
    known = parse(dim) ?? new Map([[atom(dim), 1]]);
    if (cache.size >= cacheSize) cache.clear();
    cache.set(dim, known);
  }
  return known;
}

/** Symbols that need no braces. */
export const plainSymbol = /^[A-Za-z_][^\s*+()/{}]*$/;

/** A symbol whose spelling would read as an expression goes in braces. */
const atom = (symbol: string): string => (plainSymbol.test(symbol) ? symbol : `{${symbol.replaceAll(/[{}]/g, "")}}`);

/** The canonical text; null when it would be too long to mean anything to anybody. @throws onnx/too-costly when a coefficient passes 2^53 */
export function print(p: Polynomial): Dim {
  const terms = [...p].filter(([, coefficient]) => coefficient !== 0);
  for (const [, coefficient] of terms) checked(coefficient);
  if (terms.length === 0) return 0;
  if (terms.length === 1 && terms[0]![0] === "") return terms[0]![1];
  if (terms.length > maxTerms) return null;
  terms.sort(([a], [b]) => (a === "" ? 1 : b === "" ? -1 : a < b ? -1 : 1));
  let text = "";
  for (const [monomial, coefficient] of terms) {
    const size = Math.abs(coefficient);
    const body = monomial === "" ? String(size) : size === 1 ? monomial : `${size}*${monomial}`;
    text += text === "" ? (coefficient < 0 ? `-${body}` : body) : coefficient < 0 ? ` - ${body}` : ` + ${body}`;
  }
  return text.length > maxText ? null : text;
}

/** @throws onnx/too-costly when a size is not exact any more */
export function checked(value: number): number {
  if (Number.isSafeInteger(value)) return value;
  throw new ModelkeepError("onnx/too-costly", {
    message: "a dimension passes 2^53",
    hint: "no machine holds such a tensor; the graph is damaged or hostile",
    status: 400,
  });
}

/** The product; undefined when it has too many terms. */
export function multiply(p: Polynomial, q: Polynomial): Polynomial | undefined {
  if (p.size * q.size > maxTerms * maxTerms) return undefined;
  const product = new Map<string, number>();
  for (const [m, c] of p) {
    for (const [n, d] of q) {
      const monomial = [...atoms(m), ...atoms(n)].sort().join("*");
      product.set(monomial, (product.get(monomial) ?? 0) + c * d);
    }
  }
  return product;
}

/** Division by a single term. */
export function divide(p: Polynomial, q: Polynomial): Polynomial | undefined {
  const [divisor, ...more] = q;
  if (divisor === undefined || more.length > 0) return undefined;
  const [monomial, coefficient] = divisor;
  const quotient = new Map<string, number>();
  for (const [m, c] of p) {
    const rest = without(atoms(m), atoms(monomial));
    if (rest === undefined || c % coefficient !== 0) return undefined;
    quotient.set(rest.join("*"), c / coefficient);
  }
  return quotient;
}

/** ⌊a / b⌋ as a symbol of its own. */
export function floorAtom(a: number | string, b: number | string): Polynomial {
  const [over, under] = [a, b].map((dim) => (typeof dim === "string" && !plainSymbol.test(dim) ? `(${dim})` : String(dim)));
  return new Map([[`floor(${over}/${under})`, 1]]);
}

/** The factors of a monomial. */
export const atoms = (monomial: string): string[] => (monomial === "" ? [] : splitTop(monomial));

/** Splits at `*` outside parentheses and braces. */
function splitTop(monomial: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < monomial.length; i++) {
    const char = monomial[i]!;
    if (char === "(" || char === "{") depth++;
    else if (char === ")" || char === "}") depth--;
    else if (char === "*" && depth === 0) {
      parts.push(monomial.slice(start, i));
      start = i + 1;
    }
  }
  parts.push(monomial.slice(start));
  return parts;
}

function without(from: readonly string[], taken: readonly string[]): string[] | undefined {
  const rest = [...from];
  for (const one of taken) {
    const at = rest.indexOf(one);
    if (at < 0) return undefined;
    rest.splice(at, 1);
  }
  return rest;
}

/** a ± b */
export function combine(a: Polynomial, b: Polynomial, sign: 1 | -1): Polynomial {
  const sum = new Map(a);
  for (const [monomial, coefficient] of b) sum.set(monomial, (sum.get(monomial) ?? 0) + sign * coefficient);
  return sum;
}

/** expression := term ((" + " | " - ") term)* ; term := factor ("*" factor)* ; factor := integer | symbol | {symbol} | floor(…/…) | (expression) */
function parse(text: string): Polynomial | undefined {
  if (text.length > maxText) return undefined;
  const state: ParseState = { text, at: 0, depth: 0 };
  const found = parseSum(state);
  return found !== undefined && state.at === text.length ? found : undefined;
}

interface ParseState {
  readonly text: string;
  at: number;
  depth: number;
}

function parseSum(state: ParseState): Polynomial | undefined {
  const negative = eat(state, /-/y);
  let sum = parseTerm(state);
  if (sum !== undefined && negative !== undefined) sum = combine(new Map(), sum, -1);
  while (sum !== undefined) {
    const sign = eat(state, /\s*[+-]\s*/y);
    if (sign === undefined) return sum;
    const next = parseTerm(state);
    if (next === undefined) return undefined;
    sum = combine(sum, next, sign.includes("+") ? 1 : -1);
  }
  return sum;
}

function parseTerm(state: ParseState): Polynomial | undefined {
  let product = parseFactor(state);
  while (product !== undefined && eat(state, /\s*\*\s*/y) !== undefined) {
    const next = parseFactor(state);
    if (next === undefined) return undefined;
    product = multiply(product, next);
  }
  return product;
}

function parseFactor(state: ParseState): Polynomial | undefined {
  if (state.depth > 8) return undefined;
  const digits = eat(state, /\d{1,15}/y);
  if (digits !== undefined) return polynomial(Number(digits));
  const braced = eat(state, /\{[^{}]*\}/y);
  if (braced !== undefined) return new Map([[braced, 1]]);
  if (eat(state, /floor\(/y) !== undefined) return parseFloor(state);
  if (eat(state, /\(/y) !== undefined) {
    state.depth++;
    const inner = parseSum(state);
    state.depth--;
    return inner !== undefined && eat(state, /\)/y) !== undefined ? inner : undefined;
  }
  const symbol = eat(state, /[A-Za-z_][^\s*+()/{}]*/y);
  return symbol === undefined ? undefined : new Map([[symbol, 1]]);
}

function parseFloor(state: ParseState): Polynomial | undefined {
  state.depth++;
  const over = parseSum(state);
  const slash = eat(state, /\s*\/\s*/y);
  const under = slash === undefined ? undefined : parseSum(state);
  state.depth--;
  if (over === undefined || under === undefined || eat(state, /\)/y) === undefined) return undefined;
  const exact = divide(over, under);
  if (exact !== undefined) return exact;
  const [a, b] = [print(over), print(under)];
  if (a === null || b === null || b === 0) return undefined;
  return typeof a === "number" && typeof b === "number" ? polynomial(Math.floor(a / b)) : floorAtom(a, b);
}

function eat(state: ParseState, pattern: RegExp): string | undefined {
  pattern.lastIndex = state.at;
  const found = pattern.exec(state.text)?.[0];
  if (found !== undefined) state.at += found.length;
  return found;
}
