/** How often a property is checked, as fast-check takes it. */
export interface Runs {
  readonly numRuns: number;
  readonly seed?: number;
  readonly path?: string;
  readonly endOnFailure?: boolean;
}

/**
 * This number of runs, with new histories each time. What a failure prints is given back by XNAI_SEED and XNAI_PATH: then the
 * very same history runs again.
 */
export const runsOf = (
  numRuns: number,
  { XNAI_SEED: seed, XNAI_PATH: path }: Readonly<Record<string, string | undefined>>,
): Runs => {
  if (seed === undefined) return { numRuns };
  return { numRuns, seed: Number(seed), ...(path === undefined ? {} : { path, endOnFailure: true }) };
};
