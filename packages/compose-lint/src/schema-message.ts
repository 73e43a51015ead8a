import type { z } from 'zod';
import { PROJECT_KEYS, SERVICE_KEYS } from './schema.ts';

export interface SchemaMessage {
  readonly rule: string;
  readonly text: string;
}

/** The message, with a remedy, for a file that does not have the form of a compose file. */
export function schemaMessage(issue: z.core.$ZodIssue): SchemaMessage {
  const where = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    const meant = nearestName(key, where === '' ? PROJECT_KEYS : SERVICE_KEYS);
    const cure = meant === undefined ? 'remove it, or write x- in front of it' : `did you mean ${meant}?`;
    const text = `${where === '' ? 'the file' : where}: "${key}" is no key of the Compose specification; ${cure}`;
    return { rule: 'unknown-key', text };
  }
  if (where === '' || where === 'services') {
    return {
      rule: 'no-services',
      text: 'the file has no services; give a compose file, then its overlays',
    };
  }
  return {
    rule: 'wrong-value',
    text: `${where}: ${issue.message}; write it as the compose specification says`,
  };
}

/** The name that most likely was meant: at most a third of its letters differ. */
function nearestName(word: string, names: readonly string[]): string | undefined {
  const ranked = names
    .map((name) => ({ name, steps: distance(word.toLowerCase(), name) }))
    .sort((a, b) => a.steps - b.steps);
  const [best] = ranked;
  return best !== undefined && best.steps <= best.name.length / 3 ? best.name : undefined;
}

/** Levenshtein's distance: insertions, deletions and replacements of letters. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
