import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditAct, AuditActList } from '@xnai/contracts';
import { commandAudit } from '@xnai/ops/audit';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { CRAWLER_AUTH, openTestRag, type TestRag } from '../testing/open-test-rag.ts';

let root: string;
let rag: TestRag;
const count = async (query: string) => (await rag.call('GET', `/v1/audit${query}`)).body.acts.length;
const placesIn = (name: string) => ({ folder: join(root, name), keyFile: join(root, `${name}-key`) });

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'rag-audit-route-'));
  const audit = placesIn('audit');
  rag = await openTestRag({ audit });
  await rag.put('a', 'The sky is blue.');
  await rag.call('DELETE', '/v1/collections/default/documents/a');
  await rag.call('DELETE', '/v1/collections/default/documents/none');
  // A failure is recorded after the answer.
  await vi.waitUntil(async () => (await count('?action=act.failed')) === 1, { timeout: 30_000 });
  await commandAudit(audit).record({ what: 'key.create', of: { name: 'reader' } });
  await rag.call('POST', '/v1/breakers/store/isolate', { reason: 'maintenance' });
  await rag.call('POST', '/v1/breakers/store/reset', { reason: 'done' });
});
afterAll(async () => {
  await rag?.[Symbol.asyncDispose]();
  await rm(root, { recursive: true });
});

const ALL = [
  'breaker.reset',
  'breaker.isolate',
  'audit.checkpoint',
  'key.create',
  'act.failed',
  'document.delete',
  'document.delete',
  'audit.checkpoint',
  'service.start',
];

it.each([
  { query: '', whats: ALL },
  { query: '?limit=2', whats: ALL.slice(0, 2) },
  { query: '?action=document.delete', whats: ['document.delete', 'document.delete'] },
  { query: '?action=breaker', whats: ['breaker.reset', 'breaker.isolate'] },
  { query: '?action=backup', whats: [] },
  { query: '?by=test&action=breaker.reset', whats: ['breaker.reset'] },
  { query: '?by=nobody', whats: [] },
  { query: '?since=2026-01-01', whats: ALL },
  { query: '?since=2026-01-01T00:00:00%2B02:00', whats: ALL },
  { query: '?since=2999-01-01T00:00:00Z', whats: [] },
])('lists $query, newest first', async ({ query, whats }) => {
  const { status, body } = await rag.call('GET', `/v1/audit${query}`);
  expect(status).toBe(200);
  expect((body as AuditActList).acts.map(({ what }) => what)).toEqual(whats);
});

it.each([
  { query: '?since=yesterday', path: 'since', message: 'expected a time such as' },
  { query: '?action=Delete%20it', path: 'action', message: 'expected an act such as document.delete' },
  { query: '?action=document.remove', path: 'action', message: 'there are act.failed, audit.checkpoint,' },
  { query: '?by=', path: 'by', message: '' },
  { query: '?limit=0', path: 'limit', message: '' },
  { query: '?cursor=bm9uZQ', path: 'cursor', message: 'expected the next_cursor' },
  { query: '?what=document', path: 'what', message: '' },
])('refuses $query and says why', async ({ query, path, message }) => {
  const { status, body } = await rag.call('GET', `/v1/audit${query}`);
  expect(status).toBe(400);
  expect(body.errors).toEqual([{ path, message: expect.stringContaining(message) }]);
});

it('gives each line once, page by page, while others are written', async () => {
  const { body: whole } = await rag.call('GET', '/v1/audit');
  const read: AuditAct[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const { body } = await rag.call('GET', `/v1/audit?limit=4${cursor && `&cursor=${cursor}`}`);
    read.push(...body.acts);
    cursor = body.next_cursor;
    await rag.call('DELETE', '/v1/collections/default/documents/none');
    await commandAudit(placesIn('audit')).record({ what: 'key.revoke' });
  }
  expect(read).toEqual(whole.acts);
});

it('gives lines whose hashes can be computed again', async () => {
  const { body } = await rag.call('GET', '/v1/audit?limit=1000');
  const { acts } = body as AuditActList;
  for (const { hash, ...line } of acts) {
    const text = JSON.stringify(line).slice(0, -1);
    expect(createHash('sha256').update(text).digest('hex')).toBe(hash);
  }
  const ofRag = acts.filter(({ writer }) => writer === 'rag');
  expect(ofRag.slice(0, -1).map(({ prev }) => prev)).toEqual(ofRag.slice(1).map(({ hash }) => hash));
});

it('refuses a key without the scope admin', async () => {
  const { status, body } = await rag.call('GET', '/v1/audit', undefined, CRAWLER_AUTH);
  expect({ status, code: body.code }).toEqual({ status: 403, code: 'FORBIDDEN' });
});

it('says that the chains cannot be read, or that there is none', async () => {
  await using unreadable = await openTestRag({
    audit: { folder: '/dev/null/audit', keyFile: '/dev/null/key' },
  });
  const refused = await unreadable.call('GET', '/v1/audit');
  expect(refused).toMatchObject({ status: 503, body: { code: 'AUDIT_UNREADABLE' } });
  expect(refused.body.detail).toContain('ENOTDIR');

  const places = placesIn('emptied');
  await using emptied = await openTestRag({ audit: places });
  await rm(places.folder, { recursive: true });
  expect(await emptied.call('GET', '/v1/audit')).toMatchObject({
    status: 503,
    body: { code: 'AUDIT_ABSENT' },
  });
});
