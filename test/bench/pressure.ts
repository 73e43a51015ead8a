import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BreakerList, DocumentInput } from '@xnai/contracts';
import { ClientError } from '@xnai/contracts/client';
import { writeScriptedModel } from '@xnai/inference/testing';
import { type MemoryGroup, openMemoryGroup } from '@xnai/testing';
import { type BenchReport, quantile, type Row } from './report.ts';
import { makeDocuments, makeQuestions } from './support/made-up-documents.ts';
import { type RagProcess, startRag } from './support/rag-process.ts';
import { untilModel } from './support/until-model.ts';

const MIB = 1024 ** 2;
const LIMIT = 768 * MIB;
const COLLECTION = 'bench';
const STORED = 200;
const PHASE_MS = 5000;
const POLL_MS = 100;
/** Shares of the limit up to which memory is filled, one phase after another. */
const SHARES = [0.78, 0.84, 0.92, 0.97];
const KINDS = ['document', 'search', 'answer'] as const;
type Kind = (typeof KINDS)[number];

interface Call {
  readonly kind: Kind;
  readonly ms: number;
  /** `ok`, or the code of the refusal. */
  readonly outcome: string;
}

interface Phase {
  readonly what: string;
  readonly level: string;
  /** Share of the limit that the gate measured, at the end. */
  readonly used: number;
  readonly calls: readonly Call[];
  /** Breakers that were not closed at the end. */
  readonly open: readonly string[];
}

/**
 * rag in a control group that is filled in steps, while documents, searches and questions go on: what is refused, what goes
 * on and how fast, whether a breaker opens for it, and how long after memory is free again all work is taken.
 */
export async function runPressureBench(): Promise<BenchReport> {
  const folder = mkdtempSync(join(tmpdir(), 'xnai-pressure-bench-'));
  const filler = join('/dev/shm', `xnai-pressure-bench-${process.pid}`);
  try {
    const model = join(folder, 'scripted.gguf');
    writeScriptedModel(model, ['The ', 'upload ', 'limit ', 'is ', '20 ', 'MB ', '[1]', '.']);
    await using group = openMemoryGroup(LIMIT);
    if (group === undefined) throw new Error('this user can make no control group for memory');
    await using rag = await startRag(
      { RAG_GENERATE_MODEL: model, INFERENCE_THREADS: '1', VULKAN_DEVICE_SELECT: 'off' },
      { within: group.command },
    );
    await untilModel(rag.url);
    await Promise.all(
      makeDocuments(STORED).map((document, n) => rag.client.putDocument(COLLECTION, `d${n}`, document)),
    );
    const phases = [await phase(rag, 'before')];
    let refusedAfterMs: number | undefined;
    for (const share of SHARES) {
      await fillTo(rag, group, filler, share);
      if (share > 0.9 && refusedAfterMs === undefined) refusedAfterMs = await untilDocument(rag, 'refused');
      phases.push(await phase(rag, `filled to ${share * 100} %`));
    }
    rmSync(filler);
    const takenAfterMs = await untilDocument(rag, 'taken');
    phases.push(await phase(rag, 'emptied'));
    return {
      name: `rag in ${LIMIT / MIB} MiB that are filled`,
      rows: [
        ...phases.flatMap(toRows),
        { what: 'first refusal of a document after 90 % are passed', value: refusedAfterMs ?? 0, unit: 'ms' },
        { what: 'first document taken after memory is free', value: takenAfterMs, unit: 'ms' },
        { what: 'processes ended by the kernel', value: group.kills(), unit: '' },
      ],
      raw: phases,
    };
  } finally {
    rmSync(filler, { force: true });
    rmSync(folder, { recursive: true });
  }
}

/** As the gate counts it: without pages of files, which the kernel can drop. */
async function fillTo(rag: RagProcess, group: MemoryGroup, filler: string, share: number): Promise<void> {
  const { used } = memoryOf(await rag.client.breakers());
  group.fill(filler, Math.max(0, Math.ceil(((share - used) * LIMIT) / MIB)));
}

function memoryOf({ resources }: BreakerList) {
  const memory = resources.find(({ name }) => name === 'memory');
  const group = memory?.readings.find(({ source }) => source === 'cgroup');
  if (memory === undefined || group?.used == null) throw new Error('the control group is not measured');
  return { level: memory.level, used: group.used };
}

async function phase(rag: RagProcess, what: string): Promise<Phase> {
  const untilMs = performance.now() + PHASE_MS;
  const loops = KINDS.map(async (kind) => {
    const calls: Call[] = [];
    while (performance.now() < untilMs) calls.push(await call(rag, kind, calls.length));
    return calls;
  });
  const calls = (await Promise.all(loops)).flat();
  const list = await rag.client.breakers();
  const open = list.breakers.filter(({ state }) => state !== 'closed').map(({ name }) => name);
  return { what, ...memoryOf(list), calls, open };
}

const DOCUMENTS = makeDocuments(50, 3);
const QUESTIONS = makeQuestions(50);
/** Between refusals, so that a phase does not count how fast one can ask in vain. */
const AFTER_REFUSAL_MS = 20;

async function call({ client }: RagProcess, kind: Kind, n: number): Promise<Call> {
  const query = QUESTIONS[n % QUESTIONS.length] ?? '';
  const document = DOCUMENTS[n % DOCUMENTS.length] as DocumentInput;
  const work = {
    document: () => client.putDocument(COLLECTION, `n${n % DOCUMENTS.length}`, document),
    search: () => client.search({ query, collection: COLLECTION }),
    answer: () => client.query({ query, collection: COLLECTION }),
  };
  const startMs = performance.now();
  try {
    await work[kind]();
    return { kind, ms: performance.now() - startMs, outcome: 'ok' };
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    const ms = performance.now() - startMs;
    await sleep(AFTER_REFUSAL_MS);
    return { kind, ms, outcome: error.code };
  }
}

/** Until a document is refused, or taken. */
async function untilDocument(rag: RagProcess, awaited: 'refused' | 'taken'): Promise<number> {
  const startMs = performance.now();
  while (((await call(rag, 'document', 0)).outcome === 'ok') !== (awaited === 'taken')) await sleep(POLL_MS);
  return performance.now() - startMs;
}

function toRows({ what, level, used, calls, open }: Phase): readonly Row[] {
  const of = (kind: Kind) => calls.filter((one) => one.kind === kind);
  return [
    { what: `${what}: memory used, level ${level}`, value: used * 100, unit: '%' },
    ...KINDS.flatMap((kind): Row[] => {
      const done = of(kind).filter(({ outcome }) => outcome === 'ok');
      const refused = of(kind).filter(({ outcome }) => outcome !== 'ok');
      const codes = [...new Set(refused.map(({ outcome }) => outcome))].join(', ');
      const times = (some: readonly Call[]) => some.map(({ ms }) => ms);
      return [
        ...(done.length === 0
          ? []
          : [
              {
                what: `${what}: ${kind} done (${done.length})`,
                value: quantile(times(done), 0.5),
                unit: 'ms',
              },
            ]),
        ...(refused.length === 0
          ? []
          : [
              {
                what: `${what}: ${kind} refused (${refused.length}: ${codes})`,
                value: quantile(times(refused), 0.5),
                unit: 'ms',
              },
            ]),
      ];
    }),
    {
      what: `${what}: breakers that are not closed ${open.join(', ')}`.trimEnd(),
      value: open.length,
      unit: '',
    },
  ];
}
