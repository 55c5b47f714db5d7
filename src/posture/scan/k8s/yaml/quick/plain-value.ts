/** Words that are no text in YAML 1.1 (https://yaml.org/type/bool.html, …/null.html). */
const words = new Map<string, boolean | null>([
  ...["", "~", "null", "Null", "NULL"].map((word) => [word, null] as const),
  ...["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"].map((word) => [word, true] as const),
  ...["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"].map((word) => [word, false] as const),
]);
const longestWord = 5;

const sexagesimal = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;
const exponent = /^[-+]?(?:[0-9][0-9_]*)?(?:\.[0-9_]*)?[eE][-+]?[0-9]+$/;
const decimal = /^[-+]?(?:[0-9][0-9_]*)?\.[0-9_]*$/;

/**
 * A plain scalar as data, by YAML 1.1 (https://yaml.org/type/int.html, …/float.html) as the `yaml` package has it: timestamps stay text,
 * and an exponent without digits before it is no number.
 */
export function plainValue(source: string): unknown {
  if (source.length <= longestWord) {
    const word = words.get(source);
    if (word !== undefined) return word;
  }
  const code = source.charCodeAt(0);
  const numeric = (code >= 0x30 && code <= 0x39) || code === 0x2b || code === 0x2d || code === 0x2e || (code | 0x20) === 0x65;
  return numeric ? (numberOf(source) ?? source) : source;
}

function numberOf(source: string): number | undefined {
  if (/^[-+]?0b[01_]+$/.test(source)) return integer(source, 2, 2);
  if (/^[-+]?0[0-7_]+$/.test(source)) return integer(source, 1, 8);
  if (/^[-+]?[0-9][0-9_]*$/.test(source)) return integer(source, 0, 10);
  if (/^[-+]?0x[0-9a-fA-F_]+$/.test(source)) return integer(source, 2, 16);
  if (/^\.(?:nan|NaN|NAN)$/.test(source)) return Number.NaN;
  if (/^[-+]?\.(?:inf|Inf|INF)$/.test(source)) return source.startsWith("-") ? -Infinity : Infinity;
  if (exponent.test(source) || decimal.test(source)) return Number.parseFloat(source.replaceAll("_", ""));
  return sexagesimal.test(source) ? sixties(source) : undefined;
}

function integer(source: string, prefix: number, radix: number): number {
  const [sign] = source;
  const digits = source.slice(prefix + (sign === "-" || sign === "+" ? 1 : 0)).replaceAll("_", "");
  const value = Number.parseInt(digits, radix);
  return sign === "-" ? -1 * value : value;
}

function sixties(source: string): number {
  const [sign] = source;
  const parts = (sign === "-" || sign === "+" ? source.slice(1) : source).replaceAll("_", "").split(":");
  const value = parts.reduce((sum, part) => sum * 60 + Number(part), 0);
  return sign === "-" ? -1 * value : value;
}
