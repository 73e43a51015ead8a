import type { Breaker } from '@xnai/resilience';
import { Admission } from './admission.ts';
import { askGuarded } from './ask-guarded.ts';
import type { CallOptions, Embedder, EmbedResult, TextKind } from './model.ts';
import { ModelError } from './model-error.ts';
import type { RoleProcess } from './model-slot.ts';

export interface LlamaEmbedderDeps {
  readonly process: RoleProcess;
  readonly breaker: Breaker;
  readonly onRefusal: (reason: string) => void;
  readonly onBusy: (isBusy: boolean) => void;
}

/** Embedding in a model process: small batches one after the other, questions before documents. */
export function createLlamaEmbedder(deps: LlamaEmbedderDeps): Embedder {
  const { process } = deps;
  const admission = new Admission({
    slots: () => 1,
    capacity: { interactive: 64, background: 256 },
    onRefusal: deps.onRefusal,
    onBusy: deps.onBusy,
  });
  return {
    state: () => process.state(),
    info: () => process.info(),
    async embed(texts, kind, options = {}) {
      const prefix = prefixOf(process.info()?.id ?? '', kind);
      const vectors: Float32Array[] = [];
      let tokens = 0;
      for (let at = 0; at < texts.length; at += BATCH_TEXTS) {
        const batch = texts.slice(at, at + BATCH_TEXTS).map((text) => prefix + text);
        const result = await embedBatch({ ...deps, admission }, batch, options);
        refuseEmpty(result.vectors, at);
        vectors.push(...result.vectors);
        tokens += result.tokens;
      }
      return { vectors, tokens };
    },
  };
}

/** White space, or signs that the model has no tokens for, have no place among other texts. */
function refuseEmpty(vectors: readonly Float32Array[], before: number): void {
  const index = vectors.findIndex((vector) => vector.length === 0);
  if (index === -1) return;
  throw new ModelError('INPUT_EMPTY', {
    detail: `input ${before + index} holds nothing that the model can read`,
  });
}

/** So few that a question waits only briefly behind a document. */
const BATCH_TEXTS = 8;

interface BatchDeps extends LlamaEmbedderDeps {
  readonly admission: Admission;
}

async function embedBatch(
  deps: BatchDeps,
  texts: readonly string[],
  options: CallOptions,
): Promise<EmbedResult> {
  const ticket = await deps.admission.enter(options, undefined);
  try {
    const reply = await askGuarded(deps, { kind: 'embed', texts }, options);
    if (reply.kind !== 'vectors') throw new TypeError(`an embedding was answered by ${reply.kind}`);
    return reply;
  } finally {
    ticket.release();
  }
}

/** As the models' cards ask for. A missing query prefix costs several points of nDCG on these families. */
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
