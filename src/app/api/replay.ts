/** The command that does it again, as a person would type it. */

/** A flag's value; several give the flag several times, nothing gives none. */
type Value = string | number | boolean | undefined | readonly string[];

/** @example replayOf("assess", ["model.onnx"], { data: "mnist", threat: ["linf:0.1"] }) */
export function replayOf(verb: string, given: readonly string[], flags: Readonly<Record<string, Value>>): string {
  const flag = ([name, value]: [string, Value]): readonly string[] => {
    if (value === undefined || value === false) return [];
    if (value === true) return [`--${name}`];
    return (Array.isArray(value) ? value : [String(value)]).flatMap((one: string) => [`--${name}`, word(one)]);
  };
  return ["modelkeep", verb, ...given.map(word), ...Object.entries(flags).flatMap(flag)].join(" ");
}

const word = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`);
