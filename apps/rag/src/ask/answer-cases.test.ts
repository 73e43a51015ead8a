import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPglite } from '../store/testing/open-pglite.ts';
import { openTestRag, type TestRag } from '../testing/open-test-rag.ts';

interface Case {
  readonly name: string;
  /** The kind of fault that it stands for. */
  readonly kind: string;
  readonly collection: string;
  readonly ask?: string;
  /** Each a text, or a regular expression as `/…/flags`. */
  readonly contains?: readonly string[];
  readonly absent?: readonly string[];
  /** Id of a document that is cited. */
  readonly cites?: string;
  /** Nothing there answers it; an answer that says so by name is as good. */
  readonly none?: true;
  readonly orSays?: string;
  readonly search?: string;
  /** Id of a document among the first ten results, or of the first. */
  readonly finds?: string;
  readonly first?: string;
}

interface Documents {
  readonly documents: readonly { readonly id: string; readonly content: string }[];
  readonly filler?: { readonly count: number; readonly template: string; readonly content_type?: string };
}

const { collections, cases } = JSON.parse(
  readFileSync(new URL('testing/answer-cases.json', import.meta.url), 'utf8'),
) as {
  readonly collections: Readonly<Record<string, Documents>>;
  readonly cases: readonly Case[];
};

describe.each(['SQLite', 'PostgreSQL'] as const)('with documents in %s', (engine) => {
  const opened = new AsyncDisposableStack();
  let rag: TestRag;
  beforeAll(async () => {
    const database = engine === 'PostgreSQL' ? opened.use(await openPglite()).url : undefined;
    rag = opened.use(await openTestRag({ ...(database !== undefined && { database }) }));
    for (const [name, { documents, filler }] of Object.entries(collections)) {
      for (const document of [...documents, ...fillers(filler)]) await put(rag, name, document);
    }
  }, 60_000);
  afterAll(() => opened.disposeAsync());

  test.each(cases.filter(({ ask }) => ask !== undefined))('$name: $kind', (entry) =>
    expectAnswer(rag, entry),
  );
  test.each(cases.filter(({ search }) => search !== undefined))('$name: $kind', (entry) =>
    expectFound(rag, entry),
  );
});

function fillers(filler: Documents['filler']) {
  return Array.from({ length: filler?.count ?? 0 }, (_, at) => ({
    id: `filler-${at}`,
    content: (filler?.template ?? '').replaceAll('{n}', String(at)),
    ...(filler?.content_type !== undefined && { content_type: filler.content_type }),
  }));
}

async function put(rag: TestRag, collection: string, { id, ...document }: Documents['documents'][number]) {
  const body = { content_type: 'text/markdown', ...document };
  const { status } = await rag.call('PUT', `/v1/collections/${collection}/documents/${id}`, body);
  expect(status, id).toBeLessThan(300);
}

async function expectAnswer(rag: TestRag, { ask, collection, none, orSays, ...wants }: Case): Promise<void> {
  const { body } = await rag.call('POST', '/v1/query', { query: ask, collection });
  if (none === true) {
    if (orSays === undefined || body.mode === 'none') expect(body.mode).toBe('none');
    else expect(body.answer).toMatch(wanted(orSays));
    return;
  }
  expect(body.mode).not.toBe('none');
  for (const want of wants.contains ?? []) expect(body.answer).toMatch(wanted(want));
  for (const want of wants.absent ?? []) expect(body.answer).not.toMatch(wanted(want));
  const cited = body.citations.map((citation: { document_id: string }) => citation.document_id);
  if (wants.cites !== undefined) expect(cited).toContain(wants.cites);
}

async function expectFound(rag: TestRag, { search, collection, finds, first }: Case): Promise<void> {
  const { body } = await rag.call('POST', '/v1/search', { query: search, collection, top_k: 10 });
  const found = body.results.map((result: { document_id: string }) => result.document_id);
  if (first === undefined) expect(found).toContain(finds);
  else expect(found[0]).toBe(first);
}

function wanted(want: string): RegExp | string {
  const [, pattern, flags] = /^\/(.+)\/([dgimsuvy]*)$/s.exec(want) ?? [];
  return pattern === undefined ? want : new RegExp(pattern, flags);
}
