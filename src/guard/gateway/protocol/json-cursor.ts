/**
 * A strict pull parser for RFC 8259 over one string. The reader of a message asks for the value it expects, so no generic object is ever
 * built: a key such as `__proto__` is only a string, a duplicate is seen by whoever asked, and a number reaches
 * its typed array without a detour through a double where that would lose digits.
 */
import { refuse } from "./refuse.ts";

const quote = 0x22;
const backslash = 0x5c;
const minus = 0x2d;
const dot = 0x2e;
const zero = 0x30;
const nine = 0x39;

const loneSurrogate = /\p{Surrogate}/u;

/** What a value is, by its first character. */
const kinds: ReadonlyMap<string, string> = new Map([
  ["{", "an object"],
  ["[", "an array"],
  ['"', "a string"],
  ["t", "a boolean"],
  ["f", "a boolean"],
  ["n", "null"],
  ...[..."-0123456789"].map((digit) => [digit, "a number"] as const),
]);

/** Deepest nesting in a value that nobody asked for. */
const maxSkippedDepth = 64;

// Every power of ten that a double holds exactly.
const tens = Array.from({ length: 23 }, (_, exponent) => 10 ** exponent);

/** Reads one JSON text from left to right. Every method throws `gateway/bad-json` where the text is not JSON. */
export class JsonCursor {
  /** Index of the next character. */
  at = 0;
  /** Value of the number read last, correctly rounded to a double. */
  value = 0;
  /** Whether the number read last was written without fraction and exponent. */
  integer = false;
  /** Where the number read last begins; it ends at {@link at}. */
  start = 0;

  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** Skips white space; the code of the next character, or -1 at the end. */
  peek(): number {
    const { text } = this;
    let at = this.at;
    while (at < text.length) {
      const code = text.charCodeAt(at);
      if (code > 0x20 || (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09)) break;
      at++;
    }
    this.at = at;
    return at < text.length ? text.charCodeAt(at) : -1;
  }

  /** Consumes one structural character if it is next. */
  take(code: number): boolean {
    if (this.peek() !== code) return false;
    this.at++;
    return true;
  }

  /** Consumes a bare word (`null`, `true`, …) if it is next and not the beginning of a longer one. */
  word(word: string): boolean {
    this.peek();
    if (!this.text.startsWith(word, this.at) || isWordCode(this.text.charCodeAt(this.at + word.length))) return false;
    this.at += word.length;
    return true;
  }

  /** Reads an object; `field` must consume the value of each key it is given. */
  object(field: (key: string) => void): void {
    if (!this.take(0x7b)) throw this.wrongKind("an object");
    if (this.take(0x7d)) return;
    do {
      if (this.peek() !== quote) throw this.bad("a field name in quotes");
      const key = this.string();
      if (!this.take(0x3a)) throw this.bad("`:`");
      field(key);
    } while (this.take(0x2c));
    if (!this.take(0x7d)) throw this.bad("`,` or `}`");
  }

  /** Reads an array; `element` must consume each element. */
  array(element: (index: number) => void): void {
    if (!this.take(0x5b)) throw this.wrongKind("an array");
    if (this.take(0x5d)) return;
    let index = 0;
    do element(index++);
    while (this.take(0x2c));
    if (!this.take(0x5d)) throw this.bad("`,` or `]`");
  }

  /** Reads a string of well-formed Unicode. */
  string(): string {
    if (this.peek() !== quote) throw this.wrongKind("a string");
    const { text } = this;
    const start = this.at + 1;
    for (let at = start; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === quote) {
        this.at = at + 1;
        return text.slice(start, at);
      }
      if (code === backslash) return this.escapedString(start, at);
      if (code < 0x20) throw this.badAt(at, "a control character must be escaped");
    }
    throw this.badAt(text.length, "a string does not end");
  }

  /** Reads a number; see {@link value}, {@link integer}, {@link start}. */
  number(): number {
    const first = this.peek();
    const { text } = this;
    const start = this.at;
    let at = first === minus ? start + 1 : start;
    let mantissa = 0;
    const whole = at;
    let code = text.charCodeAt(at);
    for (; code >= zero && code <= nine; code = text.charCodeAt(++at)) mantissa = mantissa * 10 + (code - zero);
    if (at === whole || (at > whole + 1 && text.charCodeAt(whole) === zero)) throw this.wrongKind("a number");
    let power = 0;
    this.integer = true;
    if (code === dot) {
      const fraction = ++at;
      for (code = text.charCodeAt(at); code >= zero && code <= nine; code = text.charCodeAt(++at)) {
        mantissa = mantissa * 10 + (code - zero);
      }
      if (at === fraction) throw this.badAt(at, "a digit must follow the decimal point");
      power = fraction - at;
      this.integer = false;
    }
    if (code === 0x65 || code === 0x45) {
      code = text.charCodeAt(++at);
      const negative = code === minus;
      if (negative || code === 0x2b) code = text.charCodeAt(++at);
      const digits = at;
      let exponent = 0;
      for (; code >= zero && code <= nine; code = text.charCodeAt(++at)) exponent = exponent * 10 + (code - zero);
      if (at === digits) throw this.badAt(at, "a digit must follow the exponent mark");
      power += negative ? -exponent : exponent;
      this.integer = false;
    }
    this.start = start;
    this.at = at;
    // Clinger 1990, "How to read floating point numbers accurately": both factors exact, so one rounding.
    const exact = mantissa <= Number.MAX_SAFE_INTEGER && power >= -22 && power <= 22;
    const magnitude = power < 0 ? mantissa / tens[-power]! : mantissa * tens[power]!;
    this.value = exact ? (first === minus ? -magnitude : magnitude) : Number(text.slice(start, at));
    return this.value;
  }

  /** Skips one value, checking only its syntax. `relaxed` also lets `NaN` and `Infinity` pass, which tensor data may hold. */
  skip(relaxed = false, depth = 0): void {
    if (depth > maxSkippedDepth) throw this.badAt(this.at, "values are nested too deeply");
    const code = this.peek();
    if (code === quote) this.string();
    else if (code === 0x7b) this.object(() => this.skip(relaxed, depth + 1));
    else if (code === 0x5b) this.array(() => this.skip(relaxed, depth + 1));
    else if (this.word("null") || this.word("true") || this.word("false") || (relaxed && this.nonFinite() !== undefined)) return;
    else this.number();
  }

  /** Reads `NaN`, `Infinity` or `-Infinity` (not JSON, but written by Python's `json` and by Triton) if next. */
  nonFinite(): number | undefined {
    if (this.word("NaN")) return NaN;
    if (this.word("Infinity")) return Infinity;
    if (this.word("-Infinity")) return -Infinity;
    return undefined;
  }

  /** Asserts that only white space is left. */
  end(): void {
    if (this.peek() !== -1) throw this.bad("the end");
  }

  /** The refusal for a value of another kind than was asked for: the text may well be JSON, but not this message. */
  private wrongKind(expected: string): Error {
    const found = kinds.get(this.text.charAt(this.at));
    if (found === undefined || found === expected) return this.bad(expected);
    return refuse(
      "gateway/bad-request",
      `the request has ${found} where ${expected} is expected (character ${this.at})`,
      "see the Open Inference Protocol v2, or `docs/guide/protocol.md`, for the fields of a request",
    );
  }

  private bad(expected: string): Error {
    const found = this.peek() === -1 ? "the text ends" : "something else stands";
    return this.badAt(this.at, `${expected} is expected where ${found}`);
  }

  private escapedString(start: number, from: number): string {
    const { text } = this;
    let at = from;
    for (; at < text.length && text.charCodeAt(at) !== quote; at++) {
      if (text.charCodeAt(at) === backslash) at++;
    }
    let value: unknown;
    try {
      value = JSON.parse(text.slice(start - 1, at + 1));
    } catch {
      throw this.badAt(start - 1, "a string has a bad escape, a control character or no end");
    }
    if (typeof value !== "string" || loneSurrogate.test(value))
      throw this.badAt(start - 1, "a string has half of a surrogate pair");
    this.at = at + 1;
    return value;
  }

  private badAt(at: number, what: string): Error {
    return refuse(
      "gateway/bad-json",
      `the request is not JSON: ${what} (character ${at})`,
      "send one JSON object in UTF-8 (RFC 8259); with binary tensors, Inference-Header-Content-Length must be its exact length in bytes",
    );
  }
}

function isWordCode(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || (code >= zero && code <= nine) || code === 0x5f;
}
