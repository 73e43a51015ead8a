import { analyse } from '@xnai/text/analyse';

/** The terms of a text as FTS5 gets them, and beside them those that are parts or other spellings of others. */
export function joinTerms(text: string): { readonly whole: string; readonly parts: string } {
  const whole: string[] = [];
  const parts: string[] = [];
  for (const { term, isPart } of analyse(text)) (isPart ? parts : whole).push(term);
  return { whole: whole.join(' '), parts: parts.join(' ') };
}
