import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Embedder, ModelError } from '@xnai/inference';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { START_WEIGHT } from '../../retrieve/dense-weight.ts';
import { openSqliteStore, type SqliteStore } from '../../store/sqlite-store.ts';
import { StoreError } from '../../store/store-error.ts';
import { newDocument } from '../../store/testing/new-document.ts';
import type { TextVector, VectorSet, VectorStore } from '../../store/vectors.ts';
import { createSelfChecks } from './self-checks.ts';

const DOCUMENTS = 40;
const DIMENSIONS = 64;
const ENDS = [...'bcdfghjk'].flatMap((one) => [...'bcdfghjk'].map((other) => `${one}${other}`));

type Read = (text: string) => Float32Array;

/** Knows which subject a text is about, by the end that all its words have. */
const knowing: Read = (text) => {
  const vector = new Float32Array(DIMENSIONS).fill(0.01);
  for (const [, subject] of text.matchAll(/\w(\w\w)oz/g)) vector[ENDS.indexOf(subject ?? '')] = 1;
  return toUnitLength(vector);
};

/** Gives every text a direction that has nothing to do with it. */
const useless: Read = (text) => {
  let state = [...text].reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) % 65_521, 7);
  return toUnitLength(
    Float32Array.from({ length: DIMENSIONS }, () => {
      state = (state * 75 + 74) % 65_537;
      return state / 65_537 - 0.5;
    }),
  );
};

let folder: string;
let store: SqliteStore;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'self-check-'));
  store = await openSqliteStore({ path: join(folder, 'index.sqlite'), readers: 1 });
  await putMany('titled', DOCUMENTS);
  await putMany('small', 5);
});

afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

test('before a check, and without an embedder, the weight is that of the start', async () => {
  const { checks } = setUp(knowing, undefined);
  await checks.checkDue(NOW);
  expect(checks.shareOf('titled')).toEqual({ weight: START_WEIGHT, isMeasured: false });
  expect(await checks.check.check(NOW.signal)).toMatchObject({ status: 'absent' });
});

describe('with a model that knows what texts are about', () => {
  test('the dense leg weighs most, and a small collection keeps the weight of the start', async () => {
    const { checks } = setUp(knowing, await embedAll(newSet('knowing'), knowing));
    await checks.checkDue(NOW);
    expect(checks.shareOf('titled')).toMatchObject({ weight: expect.closeTo(1, 1), isMeasured: true });
    expect(checks.shareOf('titled').spread).toBeGreaterThan(0.5);
    expect(checks.shareOf('small')).toEqual({ weight: START_WEIGHT, isMeasured: false });
    expect(await checks.check.check(NOW.signal)).toMatchObject({
      status: 'ok',
      detail: {
        collections: [
          { chunks: DOCUMENTS, measured: true, asked: DOCUMENTS, dense_hit_rate: 1, lexical_hit_rate: 0 },
          { chunks: 5, measured: false, dense_weight: START_WEIGHT },
        ],
      },
    });
  });

  test('each question waits until there is time for it', async () => {
    const { checks, embedded } = setUp(knowing, await embedAll(newSet('knowing'), knowing));
    const before: number[] = [];
    await checks.checkDue({ ...NOW, untilFree: async () => void before.push(embedded.length) });
    const asked = DOCUMENTS + 5;
    expect(before.filter((count, at) => count !== before[at + 1])).toEqual(
      Array.from({ length: asked }, (_, at) => 2 * at),
    );
  });

  test('a collection is asked again only when much of it is new', async () => {
    const set = await embedAll(newSet('knowing'), knowing);
    const { checks, embedded } = setUp(knowing, set);
    await checks.checkDue(NOW);
    const once = embedded.length;
    await checks.checkDue(NOW);
    expect(embedded).toHaveLength(once);
    await putMany('small', 7);
    await embedAll(set, knowing);
    await checks.checkDue(NOW);
    expect(embedded).toHaveLength(once + 2 * 7);
  });
});

describe('what was found', () => {
  const measured = async () => {
    const set = await embedAll(newSet('knowing'), knowing);
    const one = setUp(knowing, set);
    await one.checks.checkDue(NOW);
    return { set, share: one.checks.shareOf('titled') };
  };

  test('is used at once after a restart, or by another replica, which asks for nothing', async () => {
    const { set, share } = await measured();
    expect(share).toMatchObject({ isMeasured: true, measuredAt: AT });
    const { checks, embedded } = setUp(knowing, set);
    expect(checks.shareOf('titled')).toEqual({ weight: START_WEIGHT, isMeasured: false });
    await checks.recall(NOW.signal);
    expect(checks.shareOf('titled')).toEqual(share);
    expect(checks.shareOf('small')).toEqual({ weight: START_WEIGHT, isMeasured: false });
    await checks.checkDue(NOW);
    expect(embedded).toEqual([]);
    expect(await checks.check.check(NOW.signal)).toMatchObject({
      detail: { collections: [{ measured: true, measured_at: AT }, { measured: false }] },
    });
  });

  test('is not used for vectors of another model', async () => {
    await measured();
    const { checks } = setUp(knowing, await embedAll(newSet('knowing'), knowing));
    await checks.recall(NOW.signal);
    expect(checks.shareOf('titled').isMeasured).toBe(false);
    await checks.checkDue(NOW);
    expect(checks.shareOf('titled').isMeasured).toBe(true);
  });

  test('in another way than this release does is found out anew', async () => {
    const { set, share } = await measured();
    const { checks, embedded } = setUp(knowing, set);
    const kept = (await store.vectors.checks()).find(({ collection }) => collection === 'titled');
    if (kept === undefined) throw new TypeError('nothing is kept');
    const found = JSON.stringify({ ...JSON.parse(kept.found), method: 0, weight: 0.5 });
    await store.vectors.keepCheck({ ...kept, found });
    await checks.recall(NOW.signal);
    expect(checks.shareOf('titled').isMeasured).toBe(false);
    await checks.checkDue(NOW);
    expect(checks.shareOf('titled')).toEqual(share);
    expect(embedded).toHaveLength(2 * DOCUMENTS);
  });

  test('goes with the collection', async () => {
    const { set } = await measured();
    const { checks } = setUp(knowing, set);
    await putMany('gone', DOCUMENTS);
    await embedAll(set, knowing);
    await checks.checkDue(NOW);
    expect(checks.shareOf('gone').isMeasured).toBe(true);
    await store.deleteCollection('gone');
    await putMany('gone', DOCUMENTS, () => 'new');
    await checks.recall(NOW.signal);
    expect(checks.shareOf('gone').isMeasured).toBe(false);
    await store.deleteCollection('gone');
  });

  test('is not that of another collection, which was made under the name while questions were asked', async () => {
    const { set } = await measured();
    const { checks } = setUp(knowing, set);
    await putMany('again', DOCUMENTS);
    await embedAll(set, knowing);
    let questions = 0;
    const untilFree = async () => {
      questions += 1;
      if (questions !== DOCUMENTS) return;
      await store.deleteCollection('again');
      await putMany('again', 5);
    };
    await checks.checkDue({ ...NOW, untilFree });
    expect(checks.shareOf('again').isMeasured).toBe(false);
    await checks.recall(NOW.signal);
    expect(checks.shareOf('again').isMeasured).toBe(false);
    await store.deleteCollection('again');
  });

  test('is used where the store cannot take it, which is said once, and kept when it can', async () => {
    const set = await embedAll(newSet('knowing'), knowing);
    let isFull = true;
    const keepCheck: VectorStore['keepCheck'] = async (check, options) => {
      if (isFull) throw new StoreError('STORAGE_FULL');
      await store.vectors.keepCheck(check, options);
    };
    const { checks, embedded, log } = setUp(knowing, set, { ...store.vectors, keepCheck });
    await checks.checkDue(NOW);
    const once = embedded.length;
    await checks.checkDue(NOW);
    expect(checks.shareOf('titled').isMeasured).toBe(true);
    expect(embedded).toHaveLength(once);
    expect(log.warn.mock.calls.filter(([{ collection }]) => collection === 'titled')).toHaveLength(1);
    expect(await store.vectors.checks()).toEqual([]);
    isFull = false;
    await checks.checkDue(NOW);
    expect(await store.vectors.checks()).toContainEqual(expect.objectContaining({ collection: 'titled' }));
  });

  test('by a lead after which another one has led is given up', async () => {
    const set = await embedAll(newSet('knowing'), knowing);
    const keepCheck = () => Promise.reject(new StoreError('LEAD_LOST'));
    const { checks } = setUp(knowing, set, { ...store.vectors, keepCheck });
    await expect(checks.checkDue(NOW)).rejects.toMatchObject({ code: 'LEAD_LOST' });
    expect(checks.shareOf('titled').isMeasured).toBe(false);
  });
});

test('with a useless model the dense leg is off', async () => {
  const set = newSet('useless');
  const { checks } = setUp(useless, set);
  await putMany('plain', DOCUMENTS, (end) => `Of b${end}oz and a${end}oz too.`);
  await embedAll(set, useless);
  await checks.checkDue(NOW);
  expect(checks.shareOf('plain')).toMatchObject({ weight: 0, isMeasured: true });
});

test('of few documents many chunks are asked for, and chunks that come before are counted', async () => {
  for (const book of [0, 1, 2, 3]) {
    const ends = ENDS.slice(10 * book, 10 * book + 10);
    const sections = ends.map(
      (end) => `## a${end}oz b${end}oz\n\n${bodyOf(end)}. Of b${end}oz and a${end}oz too.`,
    );
    await store.upsertDocument(newDocument(`book ${book}`, sections.join('\n\n'), { collection: 'books' }));
  }
  const { checks, log } = setUp(useless, await embedAll(newSet('useless'), useless));
  await checks.checkDue(NOW);
  expect(checks.shareOf('books')).toMatchObject({ weight: 0, isMeasured: true });
  const hitRates = expect.objectContaining({ lexical: 1 });
  const evidence = expect.objectContaining({ collection: 'books', asked: 40, hitRates });
  expect(log.info).toHaveBeenCalledWith(evidence, expect.anything());
});

describe('a model that fails', () => {
  const marked = (texts: readonly string[]) => texts.filter((text) => text.includes('marked'));
  const failing = (code: 'MODEL_CRASHED' | 'OVERLOADED', failsAt: (text: string) => boolean): Read => {
    return (text) => {
      if (failsAt(text)) throw new ModelError(code);
      return knowing(text);
    };
  };
  const crashing = failing('MODEL_CRASHED', (text) => text.includes('deadly'));

  beforeAll(() => putMany('marked', DOCUMENTS, (end) => (end === ENDS[3] ? 'marked deadly' : 'marked')));

  test('at one text is not asked with it again, and other collections are checked meanwhile', async () => {
    const { checks, embedded, log, wait } = setUp(crashing, await embedAll(newSet('knowing'), knowing));
    await checks.checkDue(NOW);
    await checks.checkDue(NOW);
    expect(marked(embedded).findIndex((text) => text.includes('deadly'))).toBe(marked(embedded).length - 1);
    expect(checks.shareOf('titled').isMeasured).toBe(true);
    expect(checks.shareOf('marked').isMeasured).toBe(false);
    expect(log.warn.mock.calls).toEqual([
      [expect.objectContaining({ collection: 'marked' }), expect.anything()],
    ]);
    wait(600_000);
    await checks.checkDue(NOW);
    expect(checks.shareOf('marked').isMeasured).toBe(true);
    expect(new Set(marked(embedded)).size).toBe(DOCUMENTS);
    expect(marked(embedded)).toHaveLength(DOCUMENTS);
  });

  test('for a while is asked again at the next look, for what was not answered', async () => {
    let left = 1;
    const busy = failing('OVERLOADED', (text) => text.includes('deadly') && left-- > 0);
    const { checks, embedded } = setUp(busy, await embedAll(newSet('knowing'), knowing));
    await expect(checks.checkDue(NOW)).rejects.toMatchObject({ code: 'OVERLOADED' });
    await checks.checkDue(NOW);
    expect(checks.shareOf('marked').isMeasured).toBe(true);
    expect(marked(embedded)).toHaveLength(DOCUMENTS + 1);
  });

  test('is not asked with a text that was given up', async () => {
    const set = await embedAll(newSet('crashing'), crashing);
    const { checks, embedded, log } = setUp(crashing, set);
    await checks.checkDue(NOW);
    expect(checks.shareOf('marked').isMeasured).toBe(true);
    expect(marked(embedded)).toHaveLength(DOCUMENTS - 1);
    expect(log.warn).not.toHaveBeenCalled();
  });
});

const AT = '2026-01-02T03:04:05.678Z';
const NOW = { untilFree: async () => {}, signal: new AbortController().signal };

function setUp(read: Read, set: VectorSet | undefined, vectors: VectorStore = store.vectors) {
  const embedded: string[] = [];
  const embed: Embedder['embed'] = async (texts) => {
    embedded.push(...texts);
    return { vectors: texts.map(read), parts: texts.map(() => 1), tokens: 1 };
  };
  const state = () =>
    set === undefined
      ? ({ status: 'absent', detail: '' } as const)
      : ({ ...set, status: 'ready', detail: '', fingerprint: set.id } as const);
  const log = { info: vi.fn(), warn: vi.fn() };
  let atMs = 0;
  const checks = createSelfChecks({
    ...{ store: { ...store, vectors }, log },
    embedder: { embed, state },
    nowMs: () => atMs,
    at: () => AT,
  });
  const wait = (ms: number) => {
    atMs += ms;
  };
  return { checks, embedded, log, wait };
}

/** The body has no word of the title, unless `more` has. */
async function putMany(collection: string, count: number, more = (_end: string) => ''): Promise<void> {
  for (const [at, end] of ENDS.slice(0, count).entries()) {
    const changes = { collection, title: `a${end}oz b${end}oz` };
    await store.upsertDocument(newDocument(`d${at}`, `${bodyOf(end)}. ${more(end)}`, changes));
  }
}

function bodyOf(end: string): string {
  return Array.from({ length: 30 }, (_, place) => `${'cdefgh'[place % 6]}${end}oz`).join(' ');
}

let sets = 0;
/** The store keeps what checks of a set find: each test has its own. */
function newSet(model: string): VectorSet {
  sets += 1;
  return { id: `${model} ${sets}`, model, dimensions: DIMENSIONS };
}

async function embedAll(set: VectorSet, read: Read): Promise<VectorSet> {
  const { id } = set;
  await store.vectors.begin(set);
  for (;;) {
    const pending = await store.vectors.pending(100);
    if (pending.length === 0) return set;
    const vectors: TextVector[] = [];
    for (const { hash, text } of pending) {
      try {
        vectors.push({ hash, vector: read(text) });
      } catch {
        await store.vectors.quarantine(id, { hash, reason: 'the model ends at it' });
      }
    }
    await store.vectors.put(id, vectors);
  }
}

function toUnitLength(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}
