export interface Span {
  readonly start: number;
  readonly end: number;
}

const SEGMENTER = new Intl.Segmenter('en', { granularity: 'sentence' });

/** Sentences longer than this are cut at a clause, so that one answer sentence stays readable. */
const MAX_SENTENCE_CHARS = 480;

/**
 * The sentences of one paragraph, as offsets into it, without the white space around them. Line breaks inside a
 * paragraph do not end a sentence; abbreviations, initials and dots inside code spans or brackets do not either.
 */
export function sentencesOf(paragraph: string): readonly Span[] {
  const flat = paragraph.replace(/[\r\n\t\u2028\u2029]/g, ' ');
  const joined: Span[] = [];
  for (const { segment, index } of SEGMENTER.segment(flat)) {
    const previous = joined.at(-1);
    const span = { start: index, end: index + segment.length };
    const before = previous === undefined ? '' : flat.slice(previous.start, previous.end);
    if (previous === undefined || !continues(before, segment)) joined.push(span);
    else if (BEGINS_WITH_STOP.test(before)) {
      joined.splice(-1, 1, { ...previous, end: index - 1 }, { start: index - 1, end: span.end });
    } else joined[joined.length - 1] = { start: previous.start, end: span.end };
  }
  return joined
    .map((span) => trimmed(flat, span))
    .filter((span) => span.end > span.start)
    .flatMap((span) => cutLong(flat, span));
}

/** Ends a sentence and begins the first word of the next one: "It runs. .NET is needed." */
const BEGINS_WITH_STOP = /[.!?]["')\]]*\s+\.$/;

/** Abbreviations that never end a sentence. */
const TITLE =
  /(?:^|[\s("'[])(?:Mr|Mrs|Ms|Dr|Prof|St|Gen|Col|Sgt|Capt|Lt|Rev|Hon|Sen|Gov|Pres|e\.g|i\.e|cf|vs|viz|approx|ca|resp|No|Nos|Fig|Figs|Eq|Eqs|Sec|Ch|Vol|Art|pp?|ed|eds|al)\.$/i;
/** End a sentence only when a capital letter follows. */
const SHORTENED =
  /(?:^|[\s("'[])(?:etc|Inc|Ltd|Co|Corp|Jr|Sr|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|(?:\p{L}\.)+\p{L})\.$/iu;
/** German, Spanish, Russian and others; "z." of "z. B.". */
const SHORTENED_ELSEWHERE =
  /(?:^|[\s("'«])(?:z|d|u|Nr|Abs|Abb|bzw|vgl|bspw|Str|Tel|Mio|Mrd|núm|pág|т|ул|стр|рис|см|им)\.$/u;
/** Where a number with a dot is a rank: "3. März", "im 19. Jahrhundert". */
const RANK = /(?:^|\s)\d{1,2}\.$/;
const RANKED =
  /^(?:Jan|Feb|Mär|Apr|Mai|Jun|Jul|Aug|Sep|Okt|Nov|Dez|Jahrhundert|Jahr|Klasse|Stock|Etage|Auflage|Geburtstag)/;
const INITIAL = /(?:^|[\s(])\p{Lu}\.$/u;

function continues(before: string, next: string): boolean {
  const text = before.trimEnd();
  // A word that begins with a stop: "the .NET runtime".
  if (/(?:^|\s)\.$/.test(before) && /^\S/.test(next)) return true;
  if (TITLE.test(text) || INITIAL.test(text) || SHORTENED_ELSEWHERE.test(text)) return true;
  if (RANK.test(text) && RANKED.test(next.trimStart())) return true;
  if (SHORTENED.test(text)) return !/^["'(]?\p{Lu}/u.test(next.trimStart());
  if (/[.!?]["')\]]*$/.test(text) && /^\p{Ll}/u.test(next.trimStart())) return true;
  return isInsideSpan(text);
}

/** An odd number of backticks, or a bracket still open near the end: the dot belongs to the code or the bracket. */
function isInsideSpan(text: string): boolean {
  if ((text.match(/`/g)?.length ?? 0) % 2 === 1) return true;
  const opened = Math.max(text.lastIndexOf('('), text.lastIndexOf('['));
  if (opened === -1 || text.length - opened > 200) return false;
  return !/[)\]]/.test(text.slice(opened));
}

function trimmed(text: string, { start, end }: Span): Span {
  const inner = text.slice(start, end);
  const lead = inner.length - inner.trimStart().length;
  return { start: start + lead, end: start + Math.max(lead, inner.trimEnd().length) };
}

function cutLong(text: string, span: Span): readonly Span[] {
  const parts: Span[] = [];
  let { start } = span;
  while (span.end - start > MAX_SENTENCE_CHARS) {
    const window = text.slice(start, start + MAX_SENTENCE_CHARS);
    const cut = start + cutOf(window);
    parts.push(trimmed(text, { start, end: cut }));
    start = cut;
  }
  parts.push(trimmed(text, { start, end: span.end }));
  return parts.filter((part) => part.end > part.start);
}

/** Where to cut a window that is full: after a clause, else before a word, in its last two thirds; else at its end. */
function cutOf(window: string): number {
  const least = window.length / 3;
  for (const mark of ['; ', ': ', ', ', ' ']) {
    const at = window.lastIndexOf(mark);
    if (at > least) return at + mark.length;
  }
  return window.length;
}
