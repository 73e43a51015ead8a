import type { Reranker } from './model.ts';
import { createTextReader, type TextReaderDeps } from './text-reader.ts';
import { traceCall } from './trace-model.ts';

/** Reranks in a model process, one list of texts at a time. */
export function createLlamaReranker(deps: TextReaderDeps): Reranker {
  const { read, ...port } = createTextReader(deps, { interactive: 16, background: 16 });
  return {
    ...port,
    async rerank(query, texts, options = {}) {
      if (texts.length === 0) return { scores: [], tokens: 0 };
      const characters = texts.reduce((sum, text) => sum + query.length + text.length, 0);
      const call = async () => {
        const reply = await read({ kind: 'rerank', query, texts }, { characters }, options);
        if (reply.kind !== 'scores') throw new TypeError(`a reranking was answered by ${reply.kind}`);
        return reply;
      };
      return traceCall('rerank', port, { call, tokensOf: ({ tokens }) => tokens });
    },
  };
}
