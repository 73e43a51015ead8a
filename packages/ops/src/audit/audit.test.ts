import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureSigningKey } from '@xnai/secrets';
import { mountTmpfs } from '@xnai/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Audit } from './audit.ts';
import type { Head } from './line.ts';
import { verifyAudit } from './verify.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'xnai-audit-'));
});
afterEach(async () => {
  await rm(root, { recursive: true });
});

const places = () => ({ folder: join(root, 'audit'), keyFile: join(root, 'audit-key') });
const verify = async () =>
  (await verifyAudit(places().folder, { key: await ensureSigningKey(places().keyFile) })).findings;

test('a full disk refuses acts and leaves no half line; with room again they are taken', async (context) => {
  using _disk = mountTmpfs(context, 'size=64k', places().folder);
  const audit = new Audit({ ...places(), writer: 'rag', by: 'rag' });
  await audit.record({ what: 'a' });
  const ballast = join(places().folder, 'ballast');
  await writeFile(ballast, Buffer.alloc(60_000)).catch(() => {});
  const fill = async () => {
    for (let count = 0; count < 100; count++)
      await audit.record({ what: 'b', of: { text: 'x'.repeat(200) } });
  };
  await expect(fill()).rejects.toMatchObject({
    code: 'AUDIT_UNAVAILABLE',
    message: expect.stringContaining('ENOSPC'),
  });
  expect(audit.state().failure).toContain('ENOSPC');
  await rm(ballast);
  await audit.record({ what: 'c' });
  expect(audit.state().failure).toBeUndefined();
  await audit.close();
  expect(await verify()).toEqual([]);
});

test('a folder that cannot be made refuses acts, until it can', async () => {
  await writeFile(places().folder, '');
  await using audit = new Audit({ ...places(), writer: 'rag', by: 'rag' });
  await expect(audit.record({ what: 'a' })).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
  await rm(places().folder);
  expect(await audit.record({ what: 'a' })).toMatchObject({ seq: 1 });
});

test('checkpoints are told elsewhere, and none is written when nothing has happened', async () => {
  const told: Head[] = [];
  const audit = new Audit({ ...places(), writer: 'rag', by: 'rag', onCheckpoint: (head) => told.push(head) });
  await audit.record({ what: 'a' });
  await audit.checkpoint();
  await audit.checkpoint();
  expect(told).toEqual([expect.objectContaining({ seq: 2 })]);
  expect(audit.state().checkpoint).toEqual(told[0]);
  await audit.close();
  expect(told).toHaveLength(1);
});

test('writers that start side by side sign with one key', async () => {
  const writers = ['rag', 'crawler', 'commands'].map(
    (writer) => new Audit({ ...places(), writer, by: writer }),
  );
  await Promise.all(writers.map((audit) => audit.checkpoint()));
  await Promise.all(writers.map((audit) => audit.close()));
  expect(await verify()).toEqual([]);
});
