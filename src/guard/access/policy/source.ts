/** A policy file as read. */
export interface PolicyFile {
  /** As messages and lists show it. */
  readonly name: string;
  readonly text: string;
}

/** One policy of a file. */
export interface PolicyText {
  readonly file: string;
  /** From its first annotation or keyword to its semicolon. */
  readonly text: string;
  /** Where it starts in the file, 1-based. */
  readonly line: number;
  readonly column: number;
}

/**
 * The policies of a file with their places. In Cedar's grammar a semicolon outside strings and comments ends a policy and stands
 * nowhere else, so no parser is needed for this; what stands between is Cedar's to judge. Text after the last semicolon that is
 * not blank or comment is a policy too: a broken one, which Cedar will say.
 */
export function splitPolicies({ name, text }: PolicyFile): PolicyText[] {
  const policies: PolicyText[] = [];
  let start = -1;
  let index = 0;
  const end = (to: number) => {
    if (start >= 0) policies.push({ file: name, text: text.slice(start, to), ...placeAt(text, start) });
    start = -1;
  };
  while (index < text.length) {
    const char = text[index]!;
    if (text.startsWith("//", index)) {
      index = lineEnd(text, index);
      continue;
    }
    if (start < 0 && !/\s/.test(char)) start = index;
    if (char === '"') index = stringEnd(text, index);
    else index++;
    if (char === ";") end(index);
  }
  end(text.trimEnd().length);
  return policies;
}

/** Line and column (1-based) of an offset in UTF-16 units. */
export function placeAt(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split("\n");
  return { line: before.length, column: before.at(-1)!.length + 1 };
}

/** The place in the file of a byte offset into a policy's UTF-8, which is how Cedar counts. */
export function placeIn(policy: PolicyText, byteOffset: number): { line: number; column: number } {
  const before = Buffer.from(policy.text).subarray(0, byteOffset).toString();
  const { line, column } = placeAt(before, before.length);
  return { line: policy.line + line - 1, column: line === 1 ? policy.column + column - 1 : column };
}

function lineEnd(text: string, from: number): number {
  const at = text.slice(from).search(/[\n\r]/);
  return at < 0 ? text.length : from + at;
}

function stringEnd(text: string, from: number): number {
  let index = from + 1;
  while (index < text.length && text[index] !== '"') index += text[index] === "\\" ? 2 : 1;
  return Math.min(index + 1, text.length);
}
