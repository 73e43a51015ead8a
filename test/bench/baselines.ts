import { type BenchReport, quantile, type Row } from './report.ts';
import { inParallel } from './support/in-parallel.ts';
import { makeDocuments, makeQuestions } from './support/made-up-documents.ts';
import { type RagProcess, startRag } from './support/rag-process.ts';

const COLLECTION = 'bench';
const DOCUMENTS = 400;
const QUESTIONS = 400;
const CLIENTS = 4;
const SCRAPES = 50;

interface Phase {
  readonly scrapeMs: readonly number[];
  readonly figures: Readonly<Record<string, number>>;
}

/** What the figures of rag are at rest, after documents, and after questions; and what a scrape of them costs. */
export async function runBaselinesBench(): Promise<BenchReport> {
  await using rag = await startRag();
  const atRest = await look(rag);
  await inParallel(makeDocuments(DOCUMENTS), CLIENTS, (document, index) =>
    rag.client.putDocument(COLLECTION, `d${index}`, document),
  );
  const filled = await look(rag);
  await inParallel(makeQuestions(QUESTIONS), CLIENTS, (query) =>
    rag.client.search({ query, collection: COLLECTION }),
  );
  const asked = await look(rag);
  const phases = { 'at rest': atRest, 'after documents': filled, 'after questions': asked };
  return {
    name: `figures of rag: ${DOCUMENTS} documents, then ${QUESTIONS} searches by ${CLIENTS} clients`,
    rows: Object.entries(phases).flatMap(toRows),
    raw: phases,
  };
}

async function look({ url, key }: RagProcess): Promise<Phase> {
  const scrapeMs: number[] = [];
  let text = '';
  for (let scrape = 0; scrape < SCRAPES; scrape++) {
    const startMs = performance.now();
    const response = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${key}` } });
    text = await response.text();
    scrapeMs.push(performance.now() - startMs);
  }
  return { scrapeMs, figures: readFigures(text) };
}

function readFigures(text: string): Readonly<Record<string, number>> {
  const value = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? 0);
  return {
    'series, 1': text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length,
    'a page of figures, KB': text.length / 1000,
    'memory of the process, MiB': value('process_resident_memory_bytes') / 1024 ** 2,
    'heap in use, MiB': value('nodejs_heap_size_used_bytes') / 1024 ** 2,
  };
}

function toRows([phase, { scrapeMs, figures }]: readonly [string, Phase]): readonly Row[] {
  const sorted = scrapeMs.toSorted((a, b) => a - b);
  const figureRows = Object.entries(figures).map(([name, value]): Row => {
    const at = name.lastIndexOf(', ');
    return { what: `${phase}: ${name.slice(0, at)}`, value, unit: name.slice(at + 2) };
  });
  return [
    {
      what: `${phase}: a scrape`,
      value: quantile(scrapeMs, 0.5),
      unit: 'ms',
      least: sorted[0] ?? 0,
      most: sorted.at(-1) ?? 0,
    },
    ...figureRows,
  ];
}
