import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TextDocument } from '@xnai/contracts';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { PageError } from '../page-error.ts';
import { createExtractPool, type ExtractPool } from './extract-pool.ts';
import type { ExtractedPage } from './extract-thread.ts';

let pool: ExtractPool;
beforeAll(() => {
  pool = createExtractPool({ threads: 1 });
});
afterAll(() => pool.close());

const page = (html: string) => ({
  url: 'https://x.example/',
  mime: 'text/html',
  body: Buffer.from(html),
});

function textOf({ documentJson }: ExtractedPage): string {
  return TextDocument.parse(JSON.parse(documentJson)).text;
}

/** A second of work, and more memory than some threads have. */
const poison = page(`<body><main>${`<p>${'*_ '.repeat(30)}<b>b</b></p>`.repeat(60_000)}</main></body>`);

test('pages are extracted on another thread', async () => {
  const extracted = await pool.extract(page('<title>T</title><p>Hello <b>there</b></p>'));
  expect([extracted.title, textOf(extracted)]).toEqual(['T', 'Hello there']);
});

test('a type that is not read keeps its reason across threads', async () => {
  const failure = pool.extract({ ...page(''), mime: 'image/png' });
  await expect(failure).rejects.toMatchObject({ name: 'PageError', code: 'content-type' });
});

test('a page that takes too long fails alone', async () => {
  await using hasty = createExtractPool({ threads: 1, cpuMs: 250 });
  expect(textOf(await hasty.extract(page('<p>before</p>')))).toBe('before');
  await expect(hasty.extract(poison)).rejects.toMatchObject({ code: 'extract-failed' });
  expect(textOf(await hasty.extract(page('<p>after</p>')))).toBe('after');
});

test('a page whose thread died is tried once more', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'xnai-extract-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const module = new URL('../testing/dying-extract-thread.ts', import.meta.url);
  await using dying = createExtractPool({ module });
  expect(await dying.extract({ ...page(''), url: `http://x.example${folder}/mark` })).toEqual({
    title: 'second try',
  });
});

test('a page that exhausts the memory of its thread fails alone', async () => {
  await using small = createExtractPool({ threads: 1, maxHeapMb: 32 });
  await expect(small.extract(poison)).rejects.toMatchObject({ code: 'extract-failed' });
  expect(textOf(await small.extract(page('<p>next</p>')))).toBe('next');
});

test('a crawl that is cancelled ends what waits and what runs', async () => {
  await using own = createExtractPool({ threads: 1 });
  await own.extract(page('<p>warm</p>'));
  const controller = new AbortController();
  const both = [poison, page('<p>waiting</p>')].map((input) =>
    own.extract(input, { signal: controller.signal }),
  );
  controller.abort();
  const results = await Promise.allSettled(both);
  expect(results.map((result) => result.status === 'rejected' && (result.reason as PageError).code)).toEqual([
    'cancelled',
    'cancelled',
  ]);
  expect(textOf(await own.extract(page('<p>next</p>')))).toBe('next');
});

test('another thread is opened for a page that waits, so that a slow one does not hold up all', async () => {
  await using two = createExtractPool({ threads: 2 });
  const order: string[] = [];
  await Promise.all([
    two.extract(poison).then(() => order.push('slow')),
    two.extract(page('<p>quick</p>')).then(() => order.push('quick')),
  ]);
  expect(order).toEqual(['quick', 'slow']);
});

test('many pages at once come back each to its own caller', async () => {
  const texts = await Promise.all(
    Array.from({ length: 50 }, (_, index) => pool.extract(page(`<p>page ${index}</p>`)).then(textOf)),
  );
  expect(texts).toEqual(Array.from({ length: 50 }, (_, index) => `page ${index}`));
});
