import { resolve } from 'node:path';
import { makeTrainedEmbedder } from '@xnai/inference/testing';
import { childrenOf } from '@xnai/testing';
import type { BenchReport, Row } from './report.ts';
import { askAtOnce } from './search/ask-at-once.ts';
import { askInModes } from './search/ask-in-modes.ts';
import { COLLECTION, fill } from './search/fill.ts';
import { readOptions } from './search/read-options.ts';
import { writeBeside } from './search/write-beside.ts';
import { makeQuestions } from './support/made-up-documents.ts';
import { type RagProcess, startRag } from './support/rag-process.ts';
import { memoryOf } from './support/service-process.ts';
import { untilEmbedded, untilWeighed } from './support/until-embedded.ts';

/**
 * Search by words and vectors over HTTP, with 384 dimensions. `--embed FILE`: another embedder than the one of tests,
 * whose own time is small. `--chunks`, `--clients`, `--writers`, `--rounds` and `--questions` are as those of `search`.
 */
export async function runHybridBench(args: readonly string[] = []): Promise<BenchReport> {
  const { chunks, questions, embed, ...counts } = readOptions(args, { embed: { type: 'string' } });
  const model = embed === undefined ? await makeTrainedEmbedder() : resolve(embed);
  await using rag = await startRag({ RAG_EMBED_MODEL: model });
  const startedMs = performance.now();
  const filled = await fill(rag, chunks);
  const filledMs = performance.now() - startedMs;
  await untilEmbedded(rag.client, COLLECTION);
  const embeddedMs = performance.now() - startedMs;
  const weight = await untilWeighed(rag, COLLECTION);
  const options = { rag, questions: makeQuestions(questions), mode: 'hybrid' as const, ...counts };
  const modes = await askInModes(options);
  const atOnce = await askAtOnce(options);
  const memory = await memoryRows(rag);
  const beside = await writeBeside(options);
  return {
    name: `hybrid search at ${filled} chunks, ${counts.rounds} rounds of ${questions} questions`,
    rows: [
      { what: 'ingestion while chunks are embedded', value: (filled / filledMs) * 1000, unit: 'chunks/s' },
      {
        what: 'embedding, from the first document on',
        value: (filled / embeddedMs) * 1000,
        unit: 'chunks/s',
      },
      { what: 'weight of vectors', value: weight, unit: '' },
      ...modes.rows(filled),
      ...atOnce.rows,
      ...beside.rows,
      ...memory,
    ],
    raw: { modes: modes.raw, atOnce: atOnce.raw, beside: beside.raw },
  };
}

async function memoryRows({ pid }: RagProcess): Promise<readonly Row[]> {
  const rag = await memoryOf(pid);
  const children = await Promise.all(childrenOf(pid).map(memoryOf));
  return [
    { what: 'memory of rag, before the writers', value: rag.rssMb, unit: 'MiB' },
    { what: 'memory of rag, highest until then', value: rag.peakMb, unit: 'MiB' },
    { what: 'memory of the embedder', value: Math.max(...children.map(({ rssMb }) => rssMb)), unit: 'MiB' },
  ];
}
