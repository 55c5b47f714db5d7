/** Certified accuracy: how many examples are right, and proven to stay right within a radius. */

/** An example's outcome. */
export interface CertifiedRow {
  readonly label: number;
  /** −1 where the method abstains. */
  readonly predicted: number;
  /** The largest radius that is certified; 0 for none. */
  readonly radius: number;
}

/** The share of examples that are right and certified at least at this radius; at 0 those that are right without abstaining. */
export function certifiedAccuracy(rows: readonly CertifiedRow[], radius: number): number {
  if (rows.length === 0) return 0;
  return rows.filter((row) => row.predicted === row.label && row.radius >= radius).length / rows.length;
}
