import type { Embedder, TextKind } from './model.ts';
import { ModelError } from './model-error.ts';
import { createTextReader, type TextReaderDeps } from './text-reader.ts';
import { traceCall } from './trace-model.ts';

/** Embeds in a model process, in small batches; interactive calls take precedence between two batches. */
export function createLlamaEmbedder(deps: TextReaderDeps): Embedder {
  const { read, ...port } = createTextReader(deps, { interactive: 64, background: 256 });
  const embed: Embedder['embed'] = async (texts, kind, options = {}) => {
    const prefix = prefixOf(port.info()?.id ?? '', kind);
    const prefixed = texts.map((text) => prefix + text);
    const vectors: Float32Array[] = [];
    let tokens = 0;
    for (let at = 0; at < texts.length; at += BATCH_TEXTS) {
      const batch = prefixed.slice(at, at + BATCH_TEXTS);
      // The first batch is refused early when there is not enough time for all texts.
      const work = { characters: charactersOf(batch), charactersInAll: charactersOf(prefixed.slice(at)) };
      const reply = await read({ kind: 'embed', texts: batch }, work, options);
      if (reply.kind !== 'vectors') throw new TypeError(`an embedding was answered by ${reply.kind}`);
      refuseEmpty(reply.vectors, at);
      vectors.push(...reply.vectors);
      tokens += reply.tokens;
    }
    return { vectors, tokens };
  };
  return {
    ...port,
    embed: (texts, kind, options) =>
      traceCall('embeddings', port, {
        call: () => embed(texts, kind, options),
        tokensOf: ({ tokens }) => tokens,
      }),
  };
}

/** Few enough that a question waits only briefly behind a document. */
const BATCH_TEXTS = 8;

/** Refuses white space and characters without tokens, which have no position among other texts. */
function refuseEmpty(vectors: readonly Float32Array[], before: number): void {
  const index = vectors.findIndex((vector) => vector.length === 0);
  if (index === -1) return;
  throw new ModelError('INPUT_EMPTY', {
    detail: `input ${before + index} holds nothing that the model can read`,
  });
}

function charactersOf(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + text.length, 0);
}

/** Prefixes that the models' cards ask for. A missing query prefix costs several points of nDCG on these families. */
const PREFIXES: readonly { readonly model: RegExp; readonly query: string; readonly document: string }[] = [
  {
    model: /bge-.*-en|mxbai-embed/i,
    query: 'Represent this sentence for searching relevant passages: ',
    document: '',
  },
  { model: /nomic-embed/i, query: 'search_query: ', document: 'search_document: ' },
  { model: /(^|[-_/])e5-/i, query: 'query: ', document: 'passage: ' },
];

function prefixOf(id: string, kind: TextKind): string {
  const found = PREFIXES.find(({ model }) => model.test(id));
  return found === undefined || kind === 'plain' ? '' : found[kind];
}
