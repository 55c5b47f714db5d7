/** For a flag that takes a list: `a b`, `a,b` and the flag given twice all mean the same. */
export function words(value: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), ...value.split(",").filter((word) => word !== "")];
}

/** For a flag that is given once for each value, whose values may hold spaces and commas. */
export const several = (value: string, before: readonly string[] | undefined): string[] => [...(before ?? []), value];
