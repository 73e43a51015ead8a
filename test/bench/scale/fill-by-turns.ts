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

/** Puts the same documents into each engine, a batch into one and then into the others, until all have this many chunks. */
export async function fillByTurns(engines: readonly Engine[], wanted: number) {
  const raw = engines.map(({ name }) => ({ name, batches: [] as Batch[] }));
  let chunks = 0;
  for (let n = 0; chunks < wanted; n++) {
    for (const [at, engine] of engines.entries()) raw[at]?.batches.push(await putBatch(engine, n));
    chunks += raw[0]?.batches.at(-1)?.chunks ?? 0;
  }
  return { raw, chunks, rows: raw.flatMap(rowsOf) };
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
