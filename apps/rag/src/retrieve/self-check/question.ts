import type { StoredChunk } from '../../store/store.ts';

/** A question whose answer is known: the chunk that its words were taken from. */
export interface CheckQuestion {
  readonly chunk: StoredChunk;
  readonly asked: string;
  /** The chunk's own text without the words that are asked with. */
  readonly rest: string;
}

const LEAD_WORDS = 12;
const LEAST_WORDS = 2;
const LEAST_SENTENCE_WORDS = 5;
const LEAST_REST_CHARS = 80;

/**
 * Asks for each chunk by its own heading or its document's title, where no other chunk of the list has that; else by a
 * sentence from inside of it, which tells more of what it is about than its beginning does (the Inverse Cloze Task of Lee,
 * Chang, Toutanova, "Latent Retrieval for Weakly Supervised Open Domain Question Answering", ACL 2019); else by its first
 * words. Chunks with too little text besides are left out.
 */
export function questionsOf(chunks: readonly StoredChunk[]): readonly CheckQuestion[] {
  const names = Map.groupBy(chunks.map(nameOf), (name) => name);
  return chunks.flatMap((chunk) => {
    const name = nameOf(chunk);
    const isTelling =
      name !== undefined && wordsOf(name).length >= LEAST_WORDS && names.get(name)?.length === 1;
    const asked = isTelling ? name : (innerOf(chunk.text) ?? leadOf(chunk.text));
    const rest = without(chunk.text, asked);
    return wordsOf(asked).length < LEAST_WORDS || rest.length < LEAST_REST_CHARS
      ? []
      : { chunk, asked, rest };
  });
}

/** Hides the words that are asked with. */
export function without(text: string, asked: string): string {
  return text.replaceAll(asked, ' ').trim();
}

function nameOf({ title, heading }: StoredChunk): string | undefined {
  return heading.at(-1) ?? title;
}

/** The sentence in the middle, where there are several. */
function innerOf(text: string): string | undefined {
  const sentences = [...SENTENCES.segment(text)]
    .map(({ segment }) => segment.trim())
    .filter((sentence) => wordsOf(sentence).length >= LEAST_SENTENCE_WORDS);
  return sentences.length < 2 ? undefined : sentences[Math.floor(sentences.length / 2)];
}

function leadOf(text: string): string {
  const words = wordsOf(text.split('\n', 1)[0] ?? '').slice(0, LEAD_WORDS);
  const last = words.at(-1);
  return last === undefined ? '' : text.slice(0, last.index + last.segment.length);
}

const SENTENCES = new Intl.Segmenter(undefined, { granularity: 'sentence' });
const SEGMENTER = new Intl.Segmenter(undefined, { granularity: 'word' });

function wordsOf(text: string) {
  return [...SEGMENTER.segment(text)].filter(({ isWordLike }) => isWordLike);
}
