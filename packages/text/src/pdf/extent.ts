/** `Math.min` and `Math.max` take their values as arguments, which overflow the stack from some 100,000 on. */
export function least(values: Iterable<number>): number {
  let least = Infinity;
  for (const value of values) least = Math.min(least, value);
  return least;
}

export function greatest(values: Iterable<number>): number {
  let greatest = -Infinity;
  for (const value of values) greatest = Math.max(greatest, value);
  return greatest;
}
