import { setTimeout as sleep } from 'node:timers/promises';
import type { Embedder } from '@xnai/inference';
import type { Resource } from '@xnai/resilience';
import type { Check, Closeable, Logger } from '@xnai/service';
import { Gauge, type Registry } from 'prom-client';
import { type LeadMark, type TakeLead, whileLeading } from '../store/lead.ts';
import { ledVectors } from '../store/led.ts';
import type { VectorStore } from '../store/vectors.ts';
import { embedChunks } from './embed-chunks.ts';
import { checkEmbedding } from './embedding-check.ts';
import { createEmbeddingReport } from './embedding-report.ts';
import { createQuestionsAtWork } from './questions-at-work.ts';

export interface EmbeddingDeps {
  readonly vectors: VectorStore;
  readonly embedder: Pick<Embedder, 'embed' | 'state'>;
  /** No model is wanted: nothing is embedded, and vectors of an earlier model go. Default: false. */
  readonly isOff?: boolean;
  /** Stops the work while memory is short. Default: it never is. */
  readonly memory?: Pick<Resource, 'admit'>;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** Where replicas share a store, one embeds for all. Default: this process is the only one. */
  readonly lead?: TakeLead | undefined;
}

export interface Embedding extends Closeable {
  /** The same function, which is followed by a look at what it may have written. */
  wakeAfter: Wrap;
  /** The same function, whose calls are let go first. */
  yieldTo: Wrap;
  readonly check: Check;
  registerMetrics(registry: Registry): void;
}

type Wrap = <Args extends readonly unknown[], T>(
  work: (...args: Args) => Promise<T>,
) => (...args: Args) => Promise<T>;

/** Finds what was written by other ways than through `wakeAfter`, such as a document that was read again. */
const LOOK_EVERY_MS = 5000;

/** Embeds chunks in the background, from now until it is closed. */
export function startEmbedding(deps: EmbeddingDeps): Embedding {
  const { vectors, embedder, isOff = false, memory, log, lead } = deps;
  const stopping = new AbortController();
  const { signal } = stopping;
  const report = createEmbeddingReport(log);
  const questions = createQuestionsAtWork();
  const untilFree = async () => {
    memory?.admit('background');
    await questions.untilNone(signal);
  };
  let bell = new AbortController();
  const untilWoken = async (times = 1) => {
    const woken = { signal: AbortSignal.any([signal, bell.signal]) };
    await sleep(times * LOOK_EVERY_MS, undefined, woken).catch(() => {});
    signal.throwIfAborted();
    bell = new AbortController();
  };
  const work = (signal: AbortSignal, mark: LeadMark | undefined) =>
    embedChunks({ vectors: ledVectors(vectors, mark), embedder, log, signal, untilFree, untilWoken, report });
  // In a store that replicas share, another one may embed and search.
  const discard = async () => {
    if (lead === undefined) await discardVectors({ vectors, log, signal });
  };
  const embed = () => whileLeading(lead, { duty: 'embedding', signal, log }, work);
  const done = (isOff ? discard() : embed()).catch((err) => {
    if (!signal.aborted) log.error({ err }, 'embedding of chunks has ended');
  });
  return {
    name: 'embedding',
    wakeAfter:
      (work) =>
      async (...args) => {
        const result = await work(...args);
        bell.abort();
        return result;
      },
    yieldTo: questions.counted,
    check: { name: 'embedding', check: (signal) => checkEmbedding({ vectors, embedder, report }, signal) },
    registerMetrics(registry) {
      report.registerMetrics(registry);
      registerGauges(registry, vectors);
    },
    close() {
      stopping.abort();
      return done;
    },
  };
}

/** A model that is only away for a while may still use its vectors: this is for one that is not wanted any more. */
async function discardVectors({
  vectors,
  log,
  signal,
}: Pick<EmbeddingDeps, 'vectors' | 'log'> & { readonly signal: AbortSignal }): Promise<void> {
  if (await vectors.discard({ signal }))
    log.info({}, 'no embedding model is set: vectors of an earlier one are deleted');
}

const STATES = ['embedded', 'pending', 'quarantined'] as const;
const NONE = { embedded: 0, pending: 0, quarantined: 0 };
const UNKNOWN = { embedded: Number.NaN, pending: Number.NaN, quarantined: Number.NaN };

function registerGauges(registry: Registry, vectors: VectorStore): void {
  new Gauge({
    name: 'rag_embedding_chunks',
    help: 'Chunks by what became of them in the set of vectors that is made',
    labelNames: ['state'],
    registers: [registry],
    async collect() {
      // While the store fails the figures are unknown, and the last ones may be wrong.
      const made = await vectors.stats(undefined, { isCheck: true }).then(
        (stats) => stats.made ?? NONE,
        () => UNKNOWN,
      );
      for (const state of STATES) this.set({ state }, made[state]);
    },
  });
}
