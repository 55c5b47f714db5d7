/**
 * Arithmetic on dimensions that may be symbols. A symbolic dimension is the text of a polynomial with integer coefficients, such as
 * `2*N + 1`, over symbols and floor divisions `floor((N + 2)/3)`; equal polynomials have equal texts, so dimensions are compared with `===`.
 * `null` is a dimension of which nothing is known, and swallows what it meets.
 */
import type { Dim } from "./graph.ts";
import { atoms, checked, combine, divide, floorAtom, multiply, polynomial, print } from "./polynomial.ts";
import type { Polynomial } from "./polynomial.ts";

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

/** ⌊a / b⌋ for positive b. */
export function floorDiv(a: Dim, b: Dim): Dim {
  const exact = divideExactly(a, b);
  if (exact !== null) return exact;
  if (a === null || b === null || b === 0) return null;
  if (typeof a === "number" && typeof b === "number") return Math.floor(a / b);
  return print(floorAtom(a, b));
}

/** ⌈a / b⌉ for positive b. */
export const ceilDiv = (a: Dim, b: Dim): Dim => divideExactly(a, b) ?? floorDiv(subDims(addDims(a, b), 1), b);

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
