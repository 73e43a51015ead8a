export interface TextStreamOptions<Token> {
  readonly detokenize: (tokens: readonly Token[], before: readonly Token[]) => string;
  readonly stops: readonly string[];
}

export interface TextStream<Token> {
  /** Text that is certain by now: whole characters, and no beginning of a stop text. */
  push(token: Token): string;
  /** What was held back, once no more tokens come. */
  flush(): string;
  readonly stopped: boolean;
}

/** Turns tokens into text; the stop text itself and all after it is never given out. */
export function createTextStream<Token>({ detokenize, stops }: TextStreamOptions<Token>): TextStream<Token> {
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
    push(token) {
      if (stopped) return '';
      pending.push(token);
      const text = detokenize(pending, before);
      if (text.endsWith(INCOMPLETE) && pending.length < LONGEST_CHARACTER) return '';
      before = [...before, ...pending].slice(-CONTEXT_TOKENS);
      pending = [];
      held += text;
      return release();
    },
    flush() {
      if (stopped) return '';
      if (pending.length > 0) held += detokenize(pending, before);
      pending = [];
      const text = release();
      return stopped ? text : text + take(held.length, '');
    },
    get stopped() {
      return stopped;
    },
  };
}

/** What detokenizers write for bytes that are no whole character (yet). */
const INCOMPLETE = '�';
/** Bytes of the longest UTF-8 character. */
const LONGEST_CHARACTER = 4;
const CONTEXT_TOKENS = 3;

function firstStop(text: string, stops: readonly string[]): number {
  const found = stops.map((stop) => text.indexOf(stop)).filter((at) => at !== -1);
  return found.length === 0 ? -1 : Math.min(...found);
}

/** Length of the longest end of `text` that is the beginning of a stop text. */
function partialStop(text: string, stops: readonly string[]): number {
  let longest = 0;
  for (const stop of stops) {
    for (let length = Math.min(stop.length - 1, text.length); length > longest; length--) {
      if (text.endsWith(stop.slice(0, length))) longest = length;
    }
  }
  return longest;
}
