import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const README = fileURLToPath(new URL('../../README.md', import.meta.url));

/** The commands of the tour that need a stack, as README has them: the first starts it. */
export function commandsOfTheTour(): readonly string[] {
  const [, tour = ''] = readFileSync(README, 'utf8').split('## A tour\n');
  const [shown = ''] = tour.split('The same by HTTP');
  return [...shown.matchAll(/^ {4}\$ (.+)$/gm)].map(([, command = '']) => command);
}

/** What they print after the first one, on a stack that was empty. */
export const PRINTED_ON_TOUR: readonly RegExp[] = [
  /indexed \d+, unchanged 0, failed 0 in the collection "default"/,
  /every five minutes .* \[1\].*Sources:\n\[1\] Operations > What a restart loses/s,
];
