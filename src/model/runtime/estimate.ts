/** How long a run of some rows will take, learnt from the runs so far. */
export interface Estimate {
  observe(rows: number, ms: number): void;
  /** Expected time of one run over `rows` rows, milliseconds; 0 while nothing is known. */
  runMs(rows: number): number;
  /** How many rows a run of `ms` milliseconds has room for; infinite while nothing is known. */
  rowsWithin(ms: number): number;
}

/**
 * A line `ms = fixed + perRow · rows`, fitted by least squares with exponentially fading weights: each run counts `1 − fade` times
 * as much as the next one. Where all runs had about the same size the slope is unknown, and time is taken as proportional to rows,
 * which overestimates larger runs rather than promise too much.
 */
export function createEstimate(fade = 0.1): Estimate {
  let known = false;
  let rowsMean = 0;
  let msMean = 0;
  let rowsVar = 0;
  let cov = 0;

  function perRow(): number {
    const proportional = msMean / rowsMean;
    const spread = rowsVar > 0.01 * rowsMean * rowsMean;
    return spread ? Math.min(Math.max(cov / rowsVar, 0), proportional) : proportional;
  }

  return {
    observe(rows, ms) {
      if (!known) {
        known = true;
        rowsMean = rows;
        msMean = ms;
        return;
      }
      // Exponentially weighted mean and covariance, West 1979 in the incremental form of Finch 2009, §9.
      const rowsOff = rows - rowsMean;
      const msOff = ms - msMean;
      rowsMean += fade * rowsOff;
      msMean += fade * msOff;
      rowsVar = (1 - fade) * (rowsVar + fade * rowsOff * rowsOff);
      cov = (1 - fade) * (cov + fade * rowsOff * msOff);
    },
    runMs: (rows) => (known ? msMean + perRow() * (rows - rowsMean) : 0),
    rowsWithin: (ms) => (known ? rowsMean + (ms - msMean) / perRow() : Number.POSITIVE_INFINITY),
  };
}
