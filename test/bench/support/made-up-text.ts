/**
 * Text that is the same at every run: few of its words are common and most of them rare, as in real text. The commonest
 * are the function words of English, the others made up.
 */
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
/** In about their order in English text. */
const COMMONEST =
  'the of and to a in is that for it as was with be by on not you are this or have from at which an they will can has do if one when what all how there would their more so who we other some up out about into than then them these only may like over where'.split(
    ' ',
  );

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
  const common = COMMONEST[rank];
  if (common !== undefined) return common;
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
