/**
 * Arithmetic on dimensions that may be symbols. A symbolic dimension is the text of a polynomial with integer coefficients, such as
 * `2*N + 1`, over symbols and floor divisions `floor((N + 2)/3)`; equal polynomials have equal texts, so dimensions are compared with `===`.
 * `null` is a dimension of which nothing is known, and swallows what it meets.
 */
import { ModelkeepError } from "../../base/error/index.ts";
import type { Dim } from "./graph.ts";

/** Coefficients by monomial; a monomial is its atoms, sorted and joined by `*`, and `""` is the constant term. */
type Polynomial = ReadonlyMap<string, number>;

/** Larger expressions become `null`: nobody reads them, and hostile graphs would grow them without end. */
const maxTerms = 32;
const maxText = 400;

const cache = new Map<string, Polynomial>();
const cacheSize = 4096;

function polynomial(dim: number | string): Polynomial {
  if (typeof dim === "number") return new Map(dim === 0 ? [] : [["", dim]]);
  let known = cache.get(dim);
  if (known === undefined) {
    known = parse(dim) ?? new Map([[atom(dim), 1]]);
    if (cache.size >= cacheSize) cache.clear();
    cache.set(dim, known);
  }
  return known;
}

const plainSymbol = /^[A-Za-z_][^\s*+()/{}]*$/;

/** A symbol whose spelling would read as an expression goes in braces. */
const atom = (symbol: string): string => (plainSymbol.test(symbol) ? symbol : `{${symbol.replaceAll(/[{}]/g, "")}}`);

function print(p: Polynomial): Dim {
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

function checked(value: number): number {
  if (Number.isSafeInteger(value)) return value;
  throw new ModelkeepError("onnx/too-costly", {
    message: "a dimension passes 2^53",
    hint: "no machine holds such a tensor; the graph is damaged or hostile",
    status: 400,
  });
}

/** The canonical text of a dimension from a file; `N`, `2*N`, `past + 1` are understood, other texts are symbols as they stand. */
export const canonicalDim = (dim: Dim): Dim => (typeof dim === "string" ? print(polynomial(dim)) : dim);

/** Sizes are whole; a fraction that strays in (a scale, a step) makes the result unknown. */
const isFraction = (dim: Dim): boolean => typeof dim === "number" && !Number.isInteger(dim);

export function addDims(a: Dim, b: Dim): Dim {
  if (a === null || b === null || isFraction(a) || isFraction(b)) return null;
  if (typeof a === "number" && typeof b === "number") return checked(a + b);
  return print(combine(polynomial(a), polynomial(b), 1));
}

export function subDims(a: Dim, b: Dim): Dim {
  if (a === null || b === null || isFraction(a) || isFraction(b)) return null;
  if (a === b) return 0;
  if (typeof a === "number" && typeof b === "number") return checked(a - b);
  return print(combine(polynomial(a), polynomial(b), -1));
}

export function mulDims(a: Dim, b: Dim): Dim {
  if (a === 0 || b === 0) return 0;
  if (a === null || b === null || isFraction(a) || isFraction(b)) return null;
  if (typeof a === "number" && typeof b === "number") return checked(a * b);
  const product = multiply(polynomial(a), polynomial(b));
  return product === undefined ? null : print(product);
}

function multiply(p: Polynomial, q: Polynomial): Polynomial | undefined {
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

/** The product of dimensions; 1 for none. */
export const productOf = (dims: readonly Dim[]): Dim => dims.reduce<Dim>(mulDims, 1);

/** a / b where it leaves no remainder as an expression, else null. */
export function divideExactly(a: Dim, b: Dim): Dim {
  if (a === null || b === null || b === 0) return null;
  if (a === b) return 1;
  if (b === 1) return a;
  if (typeof a === "number" && typeof b === "number") return a % b === 0 ? a / b : null;
  const quotient = divide(polynomial(a), polynomial(b));
  return quotient === undefined ? null : print(quotient);
}

/** Division by a single term. */
function divide(p: Polynomial, q: Polynomial): Polynomial | undefined {
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

/** ⌊a / b⌋ for positive b. */
export function floorDiv(a: Dim, b: Dim): Dim {
  const exact = divideExactly(a, b);
  if (exact !== null) return exact;
  if (a === null || b === null || b === 0) return null;
  if (typeof a === "number" && typeof b === "number") return Math.floor(a / b);
  return print(floorAtom(a, b));
}

function floorAtom(a: number | string, b: number | string): Polynomial {
  const [over, under] = [a, b].map((dim) => (typeof dim === "string" && !plainSymbol.test(dim) ? `(${dim})` : String(dim)));
  return new Map([[`floor(${over}/${under})`, 1]]);
}

/** ⌈a / b⌉ for positive b. */
export const ceilDiv = (a: Dim, b: Dim): Dim => divideExactly(a, b) ?? floorDiv(subDims(addDims(a, b), 1), b);

const atoms = (monomial: string): string[] => (monomial === "" ? [] : splitTop(monomial));

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

function combine(a: Polynomial, b: Polynomial, sign: 1 | -1): Polynomial {
  const sum = new Map(a);
  for (const [monomial, coefficient] of b) sum.set(monomial, (sum.get(monomial) ?? 0) + sign * coefficient);
  return sum;
}

/** The free symbols of a dimension. */
export function symbolsOf(dim: Dim): ReadonlySet<string> {
  const found = new Set<string>();
  if (typeof dim === "string") {
    evaluate(polynomial(dim), (symbol) => {
      found.add(symbol);
      return 1;
    });
  }
  return found;
}

/**
 * The number that a dimension is when its symbols have these values; null when one has none.
 * @throws onnx/too-costly when it passes 2^53
 */
export function evaluateDim(dim: Dim, valueOf: (symbol: string) => number | null | undefined): number | null {
  if (typeof dim !== "string") return dim;
  return evaluate(polynomial(dim), valueOf);
}

function evaluate(p: Polynomial, valueOf: (symbol: string) => number | null | undefined): number | null {
  let sum = 0;
  for (const [monomial, coefficient] of p) {
    let term = coefficient;
    for (const one of atoms(monomial)) {
      const value = evaluateAtom(one, valueOf);
      if (value === null) return null;
      term = checked(term * value);
    }
    sum = checked(sum + term);
  }
  return sum;
}

function evaluateAtom(text: string, valueOf: (symbol: string) => number | null | undefined): number | null {
  if (text.startsWith("{")) return valueOf(text.slice(1, -1)) ?? null;
  if (!text.startsWith("floor(")) return valueOf(text) ?? null;
  const inner = text.slice(6, -1);
  const slash = topSlash(inner);
  const over = evaluateDim(unwrap(inner.slice(0, slash)), valueOf);
  const under = evaluateDim(unwrap(inner.slice(slash + 1)), valueOf);
  return over === null || under === null || under === 0 ? null : Math.floor(over / under);
}

/** The same dimension with symbols replaced by other dimensions. */
export function substituteDim(dim: Dim, replacement: (symbol: string) => Dim | undefined): Dim {
  if (typeof dim !== "string") return dim;
  let sum: Dim = 0;
  for (const [monomial, coefficient] of polynomial(dim)) {
    let term: Dim = coefficient;
    for (const one of atoms(monomial)) term = mulDims(term, substituteAtom(one, replacement));
    sum = addDims(sum, term);
  }
  return sum;
}

function substituteAtom(text: string, replacement: (symbol: string) => Dim | undefined): Dim {
  const keep = (symbol: string, spelling: string): Dim => {
    const found = replacement(symbol);
    return found === undefined ? spelling : found;
  };
  if (text.startsWith("{")) return keep(text.slice(1, -1), text);
  if (!text.startsWith("floor(")) return keep(text, text);
  const inner = text.slice(6, -1);
  const slash = topSlash(inner);
  return floorDiv(
    substituteDim(unwrap(inner.slice(0, slash)), replacement),
    substituteDim(unwrap(inner.slice(slash + 1)), replacement),
  );
}

function topSlash(text: string): number {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (char === "(" || char === "{") depth++;
    else if (char === ")" || char === "}") depth--;
    else if (char === "/" && depth === 0) return i;
  }
  return text.length;
}

/** A printed number or expression back as a dimension. */
function unwrap(text: string): Dim {
  const bare = text.startsWith("(") && text.endsWith(")") ? text.slice(1, -1) : text;
  return /^-?\d+$/.test(bare) ? Number(bare) : bare;
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
