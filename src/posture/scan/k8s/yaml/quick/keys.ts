import type { QuickReading } from "./reading.ts";

/** YAML ends a key on one line after 1024 characters (https://yaml.org/spec/1.2.2/#742-flow-mappings). */
export const longestKey = 1000;

interface Field {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly name: string;
  readonly keyStart: number;
}

/** Remembers a key that stands in its mapping already. */
export function noteDuplicate(reading: QuickReading, { fields, name, keyStart }: Field): void {
  if (Object.hasOwn(fields, name)) reading.duplicates.push({ path: [...reading.path, name], offset: keyStart });
}
