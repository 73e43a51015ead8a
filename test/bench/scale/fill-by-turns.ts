import { ClientError } from '@xnai/contracts/client';
import { middleOf, type Row } from '../report.ts';
import { COLLECTION } from '../search/fill.ts';
import { inParallel } from '../support/in-parallel.ts';
import { makeDocuments } from '../support/made-up-documents.ts';
import type { Engine } from './engine.ts';

const BATCH = 200;
const WRITERS = 8;

interface Batch {
  readonly chunks: number;
  readonly tookMs: number;
  readonly ragMs: number;
  readonly serverMs: number;
}

/**
 * Puts the same documents into each engine, a batch into one and then into the others, until all have this many chunks. One
 * that was kept goes on with the batch at which an earlier run ended.
 */
export async function fillByTurns(engines: readonly Engine[], wanted: number) {
  const filling = await Promise.all(
    engines.map(async (engine) => ({ engine, ...(await filled(engine)), batches: [] as Batch[] })),
  );
  const some = () => filling.filter(({ chunks }) => chunks < wanted);
  while (some().length > 0) {
    for (const one of some()) {
      const batch = await putBatch(one.engine, one.next);
      one.batches.push(batch);
      one.next += 1;
      one.chunks = (await filled(one.engine)).chunks;
    }
  }
  const raw = filling.map(({ engine: { name }, batches }) => ({ name, batches }));
  return { raw, chunks: filling[0]?.chunks ?? 0, rows: raw.flatMap(rowsOf) };
}

/** How many chunks there are, and which batch is the next: one that was not wholly put is put again. */
async function filled({ rag }: Engine): Promise<{ chunks: number; next: number }> {
  try {
    const { chunks, documents } = await rag.client.getCollection(COLLECTION);
    return { chunks, next: Math.floor(documents / BATCH) };
  } catch (error) {
    if (error instanceof ClientError && error.status === 404) return { chunks: 0, next: 0 };
    throw error;
  }
}

async function putBatch(engine: Engine, n: number): Promise<Batch> {
  const { client } = engine.rag;
  const documents = makeDocuments(BATCH, n + 1);
  const before = await engine.cpuMs();
  const startedMs = performance.now();
  const results = await inParallel(documents, WRITERS, (document, index) =>
    client.putDocument(COLLECTION, `d${n}-${index}`, document),
  );
  const tookMs = performance.now() - startedMs;
  const after = await engine.cpuMs();
  return {
    chunks: results.reduce((sum, result) => sum + result.chunks, 0),
    tookMs,
    ragMs: after.rag - before.rag,
    serverMs: after.server - before.server,
  };
}

function rowsOf({ name, batches }: { readonly name: string; readonly batches: readonly Batch[] }): Row[] {
  if (batches.length === 0) return [];
  const rates = batches.map(({ chunks, tookMs }) => (chunks / tookMs) * 1000);
  const each = (part: 'ragMs' | 'serverMs') => batches.map((batch) => batch[part] / batch.chunks);
  const isServer = name !== 'SQLite';
  const aim = isServer ? { atLeast: 1000 } : {};
  return [
    middleOf(`${name}: ${WRITERS} writers`, rates, 'chunks/s', aim),
    middleOf(`${name}: processor time of rag`, each('ragMs'), 'ms/chunk'),
    ...(isServer ? [middleOf(`${name}: processor time of the server`, each('serverMs'), 'ms/chunk')] : []),
  ];
}
