/** To hundredths of a millisecond: as fine as anything here is measured. */
export function roundMs(ms: number): number {
  return Math.round(ms * 100) / 100;
}
