import type { EmbedPrefixes } from '../model.ts';

/** What a model file, and the place it came from, say of the model; any of it may be missing. */
export interface ModelIdentity {
  readonly architecture: string;
  /** By falling trust. */
  readonly names: readonly (string | undefined)[];
}

/** The prefixes that the model's card asks for: queries embedded without theirs lose several points of nDCG. */
export function findPrefixes({ architecture, names }: ModelIdentity): EmbedPrefixes {
  const byArchitecture = FAMILIES.find((family) => family.architecture === architecture);
  if (byArchitecture !== undefined) return byArchitecture.prefixes;
  for (const name of names) {
    const words = (name ?? '').toLowerCase().replace(/[^a-z0-9.]+/g, '-');
    const found = FAMILIES.find((family) => family.name.test(words));
    if (found !== undefined) return found.prefixes;
  }
  return NONE;
}

const NONE: EmbedPrefixes = { query: '', document: '' };

const SENTENCE = 'Represent this sentence for searching relevant passages: ';
const INSTRUCT =
  'Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery:';

interface Family {
  /** Of lower-case words joined by dashes. */
  readonly name: RegExp;
  /** One that only this family has. */
  readonly architecture?: string;
  readonly prefixes: EmbedPrefixes;
}

/** By the cards of the models. The first that matches counts; a family without prefixes is not listed. */
const FAMILIES: readonly Family[] = [
  { name: /bge-(small|base|large)-en|mxbai-embed/, prefixes: { query: SENTENCE, document: '' } },
  { name: /arctic-embed-(.*-)?v2/, prefixes: { query: 'query: ', document: '' } },
  { name: /arctic-embed/, prefixes: { query: SENTENCE, document: '' } },
  {
    name: /nomic-embed-text/,
    architecture: 'nomic-bert-moe',
    prefixes: { query: 'search_query: ', document: 'search_document: ' },
  },
  {
    name: /embedding-?gemma/,
    architecture: 'gemma-embedding',
    prefixes: { query: 'task: search result | query: ', document: 'title: none | text: ' },
  },
  // Qwen's card has no space after the colon, that of E5 has one.
  { name: /qwen3-embedding/, prefixes: { query: INSTRUCT, document: '' } },
  { name: /(^|-)e5-(.*-)?instruct/, prefixes: { query: `${INSTRUCT} `, document: '' } },
  { name: /(^|-)e5-/, prefixes: { query: 'query: ', document: 'passage: ' } },
];
