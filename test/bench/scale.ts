import { resolve } from 'node:path';
import { makeTrainedEmbedder } from '@xnai/inference/testing';
import type { BenchReport, Row } from './report.ts';
import { askClients } from './scale/ask-clients.ts';
import { askModels } from './scale/ask-models.ts';
import { askReplicas } from './scale/ask-replicas.ts';
import { type Engine, openEngines } from './scale/engine.ts';
import { fillByTurns } from './scale/fill-by-turns.ts';
import { COLLECTION } from './search/fill.ts';
import { readOptions } from './search/read-options.ts';
import { makeQuestions } from './support/made-up-documents.ts';
import { untilEmbedded, untilWeighed } from './support/until-embedded.ts';

const CLIENTS = [1, 4, 16];
/** Vectors of fewer are compared one by one. */
const INDEXED_CHUNKS = 5_000;

/**
 * `npm run bench -- scale --postgres URL`: SQLite and PostgreSQL by turns in one run, asked over HTTP, one replica and two,
 * and models of rag itself and of another rag. PostgreSQL is there twice where the server has pg_textsearch, with and
 * without it. The URL is that of a
 * user who may create databases, and the extension; `support/postgres-server.sh` starts such a server. `--embed FILE`: another embedder than
 * the one of tests, whose own time is small. `--keep NAME`: the data of both are kept under this name, so that a run that was
 * cut off is gone on with, and a later one asks without filling. `--chunks`, `--rounds` and `--questions` are as those of `search`.
 */
export async function runScaleBench(args: readonly string[] = []): Promise<BenchReport> {
  const { chunks, questions, rounds, embed, postgres, keep } = readOptions(args, {
    postgres: { type: 'string' },
    embed: { type: 'string' },
    keep: { type: 'string' },
  });
  if (postgres === undefined)
    throw new Error('--postgres URL is missing: a server on which databases may be created');
  await using opened = new AsyncDisposableStack();
  const engines = (await openEngines(postgres, keep)).map((engine) => opened.use(engine));
  const filled = await fillByTurns(engines, chunks);
  const model = embed === undefined ? await makeTrainedEmbedder() : resolve(embed);
  const embedded: Row[] = [];
  for (const engine of engines) embedded.push(...(await embedAll(engine, { model, chunks: filled.chunks })));
  const made = makeQuestions(questions);
  const asked = await askClients({ engines, questions: made, clients: CLIENTS, rounds });
  const [, server] = engines;
  const replicas = server && (await askReplicas({ engine: server, model, questions: made, rounds }));
  const models = await askModels({ rounds });
  const arms = engines.map((engine) => engine.name).join(', ');
  const isMissing = engines.length < 3;
  const sizes = await Promise.all(engines.map((engine) => sizeRows(engine, filled.chunks)));
  return {
    name: `${arms}${isMissing ? ' (pg_textsearch: not installed)' : ''} at ${filled.chunks} chunks, ${rounds} rounds of ${questions} questions`,
    rows: [
      ...filled.rows,
      ...embedded,
      ...asked.rows,
      ...(replicas?.rows ?? []),
      ...models.rows,
      ...sizes.flat(),
    ],
    raw: { filled: filled.raw, asked: asked.raw, replicas: replicas?.raw, models: models.raw },
  };
}

async function embedAll(
  engine: Engine,
  { model, chunks }: { readonly model: string; readonly chunks: number },
): Promise<Row[]> {
  const { name } = engine;
  const startedMs = performance.now();
  await engine.restart({ RAG_EMBED_MODEL: model });
  await untilEmbedded(engine.rag.client, COLLECTION);
  const tookMs = performance.now() - startedMs;
  if (chunks >= INDEXED_CHUNKS) await engine.untilIndexed();
  const weight = await untilWeighed(engine.rag, COLLECTION);
  return [
    { what: `${name}: embedding, with the start of rag`, value: (chunks / tookMs) * 1000, unit: 'chunks/s' },
    { what: `${name}: weight of vectors`, value: weight, unit: '' },
  ];
}

async function sizeRows(engine: Engine, chunks: number): Promise<Row[]> {
  const { name } = engine;
  const memory = await engine.memoryMb();
  const rows: Row[] = [
    { what: `${name}: disk`, value: (await engine.bytes()) / chunks, unit: 'bytes/chunk' },
    { what: `${name}: memory of rag`, value: memory.rag, unit: 'MiB' },
  ];
  if (memory.server !== undefined)
    rows.push({ what: `${name}: memory of the server`, value: memory.server, unit: 'MiB' });
  return rows;
}
