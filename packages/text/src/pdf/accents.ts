import type { LineRun } from './line-parts.ts';

/** The first fonts of TeX hold no letters with accents: an accent is drawn, and then the letter below it. */
const COMPUTER_MODERN = /\+CM[A-Z]+\d/;

/** Puts accents that stand alone onto the letters behind them. */
export function composeAccents(runs: readonly LineRun[]): LineRun[] {
  const composed: LineRun[] = [];
  for (const run of runs) {
    const last = composed.at(-1);
    if (!COMPUTER_MODERN.test(run.font.name)) composed.push(run);
    else if (last?.font !== run.font) composed.push({ ...run, text: compose(run.text) });
    else composed[composed.length - 1] = { ...last, text: compose(last.text + run.text) };
  }
  return composed;
}

function compose(text: string): string {
  return text.replace(/([´¨ˇ˘˙˚])(\p{L})/gu, (shown, accent: string, letter: string) => {
    const whole = ((letter === 'ı' ? 'i' : letter) + accent.normalize('NFKC').trim()).normalize('NFC');
    return whole.length === 1 ? whole : shown;
  });
}
