export interface TextStreamOptions<Token> {
  readonly detokenize: (tokens: readonly Token[], before: readonly Token[]) => string;
  readonly stops: readonly string[];
}

/** Turns tokens into text. The stop text itself and everything after it is never returned. */
export function createTextStream<Token>({ detokenize, stops }: TextStreamOptions<Token>) {
  let pending: Token[] = [];
  let before: Token[] = [];
  let held = '';
  let stopped = false;

  function release(): string {
    const at = firstStop(held, stops);
    if (at !== -1) {
      stopped = true;
      return take(at, '');
    }
    return take(held.length - partialStop(held, stops), undefined);
  }

  function take(length: number, rest: string | undefined): string {
    const text = held.slice(0, length);
    held = rest ?? held.slice(length);
    return text;
  }

  return {
    /** Returns the text that is certain by now: complete characters that are not the beginning of a stop text. */
    push(token: Token): string {
      if (stopped) return '';
      pending.push(token);
      const text = detokenize(pending, before);
      if (text.endsWith(INCOMPLETE) && pending.length < LONGEST_CHARACTER) return '';
      before = [...before, ...pending].slice(-CONTEXT_TOKENS);
      pending = [];
      held += text;
      return release();
    },
    /** Returns the text that was held back, after the last token. */
    flush(): string {
      if (stopped) return '';
      if (pending.length > 0) held += detokenize(pending, before);
      pending = [];
      const text = release();
      return stopped ? text : text + take(held.length, '');
    },
    get stopped(): boolean {
      return stopped;
    },
  };
}

/** Detokenizers write this character for bytes that do not form a complete character yet. */
const INCOMPLETE = '�';
/** Bytes of the longest UTF-8 character. */
const LONGEST_CHARACTER = 4;
const CONTEXT_TOKENS = 3;

function firstStop(text: string, stops: readonly string[]): number {
  const found = stops.map((stop) => text.indexOf(stop)).filter((at) => at !== -1);
  return found.length === 0 ? -1 : Math.min(...found);
}

/** Length of the longest end of `text` that is the beginning of a stop text. */
export function partialStop(text: string, stops: readonly string[]): number {
  let longest = 0;
  for (const stop of stops) {
    for (let length = Math.min(stop.length - 1, text.length); length > longest; length--) {
      if (text.endsWith(stop.slice(0, length))) longest = length;
    }
  }
  return longest;
}
