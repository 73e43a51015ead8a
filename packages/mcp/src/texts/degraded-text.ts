/** What an answer went without, as a line of its own; nothing where it went without nothing. */
export function degradedText(degraded: readonly string[]): readonly string[] {
  return degraded.length === 0 ? [] : [`Degraded: ${degraded.join(', ')}`];
}
