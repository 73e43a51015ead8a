const LEAST_BEGINNING = 4;
const MOST_ENDING = 3;

/** Generous: a beginning within any word is a form or a compound, and the beginning of any word within it a part. */
export function mayBeForms(stem: string, other: string): boolean {
  return other.includes(beginningOf(stem)) || stem.includes(beginningOf(other));
}

/** Without what may be an ending; a shorter word is none that another is made of. */
function beginningOf(stem: string): string {
  return stem.slice(0, Math.max(LEAST_BEGINNING, stem.length - MOST_ENDING)).padEnd(LEAST_BEGINNING);
}
