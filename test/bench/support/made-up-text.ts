/** Text that is the same at every run: words of a made-up language, few of them common and most of them rare. */
export interface MadeUpText {
  /** From 0 up to the limit, not included. */
  integer(limit: number): number;
  words(count: number): string;
  sentence(): string;
  paragraph(sentences: number): string;
}

const SYLLABLES =
  'ba be bi bo da de di do fa fe ka ke ki ko la le li lo ma me mi mo na ne ni no ra re ri ro sa se ta te ti to va ve vi vo'.split(
    ' ',
  );
const VOCABULARY = 20_000;

export function createMadeUpText(seed: number): MadeUpText {
  const random = createRandom(seed);
  const integer = (limit: number) => Math.floor(random() * limit);
  // Rank r comes with a chance of about 1/r, as in real text.
  const word = () => wordOf(Math.floor(VOCABULARY ** random()));
  const words = (count: number) => Array.from({ length: count }, word).join(' ');
  const sentence = () => {
    const text = words(8 + integer(14));
    return `${text[0]?.toUpperCase()}${text.slice(1)}.`;
  };
  return {
    integer,
    words,
    sentence,
    paragraph: (sentences) => Array.from({ length: sentences }, sentence).join(' '),
  };
}

function wordOf(rank: number): string {
  let rest = rank;
  let text = '';
  do {
    text += SYLLABLES[rest % SYLLABLES.length];
    rest = Math.floor(rest / SYLLABLES.length);
  } while (rest > 0);
  return text.length < 4 ? `${text}n` : text;
}

/** Mulberry32. */
function createRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
