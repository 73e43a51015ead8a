/** Stands for a byte that belongs to no character. */
const MARK = '�';

/**
 * Makes one mark of the three that stand for three bytes which are no character: the grammar of the engine has taken
 * them for one character, and has counted them so.
 */
export function createMarkGatherer() {
  let waiting = 0;
  return {
    /** Returns the text as far as no further mark can belong to its end. */
    push(text: string): string {
      const all = MARK.repeat(waiting) + text;
      const whole = all.replace(/\uFFFD+$/, '');
      waiting = all.length - whole.length;
      return gathered(whole);
    },
    end(): string {
      const rest = gathered(MARK.repeat(waiting));
      waiting = 0;
      return rest;
    },
  };
}

function gathered(text: string): string {
  return text.replaceAll(/\uFFFD{1,3}/g, MARK);
}
