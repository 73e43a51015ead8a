import type { Embedder, EmbedderState, ModelInfo, ModelPort, TextKind } from './model.ts';
import { ModelError } from './model-error.ts';
import { createTextReader, type TextReaderDeps } from './text-reader.ts';
import { traceCall } from './trace-model.ts';

/** Embeds in a model process, in small batches; interactive calls take precedence between two batches. */
export function createLlamaEmbedder(deps: TextReaderDeps): Embedder {
  const { read, ...port } = createTextReader(deps, { interactive: 64, background: 256 });
  const embed: Embedder['embed'] = async (texts, kind, options = {}) => {
    const prefix = prefixOf(port.info(), kind);
    const onOverflow = kind === 'plain' ? 'refuse' : 'divide';
    const vectors: Float32Array[] = [];
    const parts: number[] = [];
    let tokens = 0;
    let isStandIn = false;
    for (let at = 0; at < texts.length; at += BATCH_TEXTS) {
      const batch = texts.slice(at, at + BATCH_TEXTS);
      // The first batch is refused early when there is not enough time for all texts.
      const work = {
        characters: charactersOf(batch, prefix),
        charactersInAll: charactersOf(texts.slice(at), prefix),
      };
      const reply = await read({ kind: 'embed', texts: batch, prefix, onOverflow }, work, options);
      if (reply.kind !== 'vectors') throw new TypeError(`an embedding was answered by ${reply.kind}`);
      refuseEmpty(reply.vectors, at);
      vectors.push(...reply.vectors);
      parts.push(...reply.parts);
      tokens += reply.tokens;
      isStandIn ||= reply.isStandIn === true;
    }
    return { vectors, parts, tokens, isStandIn };
  };
  return {
    ...port,
    state: () => stateOf(port),
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

function charactersOf(texts: readonly string[], prefix: string): number {
  return texts.reduce((sum, text) => sum + prefix.length + text.length, 0);
}

function stateOf(port: ModelPort): EmbedderState {
  const state = port.state();
  const { id, dimensions, embedding } = port.info() ?? {};
  if (state.status !== 'ready' || id === undefined || dimensions === undefined || embedding === undefined)
    return state;
  return { ...state, model: id, dimensions, fingerprint: embedding.fingerprint };
}

function prefixOf(info: ModelInfo | undefined, kind: TextKind): string {
  return kind === 'plain' ? '' : (info?.embedding?.prefixes[kind] ?? '');
}
