import type { Breaker } from '@xnai/resilience';
import { Admission, type Refusal } from './admission/admission.ts';
import { createReadingRates, type ReadingRates } from './admission/reading-rates.ts';
import { askGuarded } from './ask-guarded.ts';
import type { CallOptions, Embedder, EmbedResult, TextKind } from './model.ts';
import { ModelError } from './model-error.ts';
import type { RoleProcess } from './process/model-slot.ts';

export interface LlamaEmbedderDeps {
  readonly process: RoleProcess;
  readonly breaker: Breaker;
  readonly onRefusal: (reason: Refusal) => void;
  readonly onBusy: (isBusy: boolean) => void;
}

/** Embeds in a model process, in small batches; interactive calls take precedence between two batches. */
export function createLlamaEmbedder(deps: LlamaEmbedderDeps): Embedder {
  const { process } = deps;
  const rates = createReadingRates();
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
      const prefixed = texts.map((text) => prefix + text);
      const vectors: Float32Array[] = [];
      let tokens = 0;
      for (let at = 0; at < texts.length; at += BATCH_TEXTS) {
        const result = await embedBatch({ ...deps, admission, rates }, prefixed.slice(at), options);
        refuseEmpty(result.vectors, at);
        vectors.push(...result.vectors);
        tokens += result.tokens;
      }
      return { vectors, tokens };
    },
  };
}

/** Refuses white space and characters without tokens, which have no position among other texts. */
function refuseEmpty(vectors: readonly Float32Array[], before: number): void {
  const index = vectors.findIndex((vector) => vector.length === 0);
  if (index === -1) return;
  throw new ModelError('INPUT_EMPTY', {
    detail: `input ${before + index} holds nothing that the model can read`,
  });
}

/** Few enough that a question waits only briefly behind a document. */
const BATCH_TEXTS = 8;

interface BatchDeps extends LlamaEmbedderDeps {
  readonly admission: Admission;
  readonly rates: ReadingRates;
}

/** Embeds the first batch of the texts. Refused early when there is not enough time for all of them. */
async function embedBatch(
  deps: BatchDeps,
  rest: readonly string[],
  options: CallOptions,
): Promise<EmbedResult> {
  const { admission, rates } = deps;
  const texts = rest.slice(0, BATCH_TEXTS);
  const [characters, all] = [charactersOf(texts), charactersOf(rest)];
  const expected = rates.expect(characters);
  const firstTokenMs = rates.expect(all)?.totalMs ?? 0;
  const ticket = await admission.enter(options, expected && { ...expected, firstTokenMs });
  const startedAt = performance.now();
  try {
    const reply = await askGuarded(deps, { kind: 'embed', texts }, options);
    if (reply.kind !== 'vectors') throw new TypeError(`an embedding was answered by ${reply.kind}`);
    rates.observe(characters, performance.now() - startedAt);
    return reply;
  } finally {
    ticket.release();
  }
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
