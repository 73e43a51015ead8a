import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readActs } from '@xnai/ops/audit';
import { expect, it } from 'vitest';
import { openTestRag } from './testing/open-test-rag.ts';

it('records deletions and orders to breakers, and no questions or documents', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rag-audit-'));
  const audit = { folder, keyFile: join(folder, 'key') };
  const rag = await openTestRag({ audit });
  await rag.put('a', 'The sky is blue.');
  await rag.call('POST', '/v1/search', { query: 'sky' });
  await rag.call('POST', '/v1/query', { query: 'Which colour has the sky?' });
  await rag.call('DELETE', '/v1/collections/default/documents/a');
  await rag.call('POST', '/v1/breakers/store/isolate', { reason: 'maintenance' });
  await rag.call('POST', '/v1/breakers/store/reset', { reason: 'done' });
  await rag.call('DELETE', '/v1/collections/default');
  await rag[Symbol.asyncDispose]();
  const acts = await readActs(folder);
  expect(acts.map(({ what }) => what)).toEqual([
    'service.start',
    'audit.checkpoint',
    'document.delete',
    'breaker.isolate',
    'breaker.reset',
    'collection.delete',
    'service.stop',
    'audit.checkpoint',
  ]);
  expect(JSON.stringify(acts)).not.toContain('sky');
  await rm(folder, { recursive: true });
});

it('refuses to delete what it cannot record, and goes on answering', async () => {
  await using rag = await openTestRag({ audit: { folder: '/dev/null/audit', keyFile: '/dev/null/key' } });
  await rag.put('a', 'The sky is blue.');
  for (const path of ['/v1/collections/default/documents/a', '/v1/collections/default']) {
    const refused = await rag.call('DELETE', path);
    expect(refused).toMatchObject({ status: 503, body: { code: 'AUDIT_UNAVAILABLE' } });
    expect(refused.body.detail).toContain('ENOTDIR');
  }
  const found = await rag.call('POST', '/v1/search', { query: 'sky' });
  expect(found.body.results).toHaveLength(1);
});
