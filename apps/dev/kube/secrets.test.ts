import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeSecrets } from './secrets.ts';

let folder: string;
let reports: string[];

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'kube-')), 'secrets');
  reports = [];
});
afterEach(() => rm(join(folder, '..'), { recursive: true }));

const make = async (store?: string) => {
  const made = await makeSecrets(folder, {
    store,
    names: ['rag.example'],
    maxMemory: '64mb',
    report: (message) => reports.push(message),
  });
  const secrets = made.filter((one) => one.kind === 'Secret');
  return Object.fromEntries(secrets.map(({ metadata, data }) => [metadata?.name ?? '', data ?? {}]));
};
const decoded = (data: Readonly<Record<string, string>> | undefined, name: string) =>
  Buffer.from(data?.[name] ?? '', 'base64').toString();

describe('the Secrets of deploy/kube', () => {
  it('have for each workload what it needs, and not the key for people', async () => {
    const secrets = await make();

    expect(
      Object.fromEntries(Object.entries(secrets).map(([name, data]) => [name, Object.keys(data)])),
    ).toEqual({
      'xnai-balancer': ['503.http', 'balancer.sh', 'haproxy.cfg', 'tls.crt', 'tls.key'],
      'xnai-crawler': [
        ...['audit-key', 'keys.json', 'rag-key', 'redis-breaker-url', 'redis-url', 'webhook-secrets.json'],
      ],
      'xnai-database': ['database.sh', 'health.sh', 'superuser-password'],
      'xnai-database-first': ['first.sql', 'last.sh'],
      'xnai-rag': ['audit-key', 'keys.json', 'redis-breaker-url', 'redis-url', 'store-url'],
      'xnai-sentinel': [
        ...['health.sh', 'password', 'sentinel-0.conf', 'sentinel-1.conf', 'sentinel-2.conf', 'valkey.sh'],
      ],
      'xnai-valkey': [
        ...[
          'health.sh',
          'password',
          'users.acl',
          'valkey-0.conf',
          'valkey-1.conf',
          'valkey-2.conf',
          'valkey.sh',
        ],
      ],
    });
    expect(reports).toEqual([
      expect.stringContaining(`first API key created: it is in ${join(folder, 'rag/first-key')}`),
    ]);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
  });

  it('name pods as deploy/kube does, and the database with its password', async () => {
    const secrets = await make();

    expect(decoded(secrets['xnai-crawler'], 'redis-url')).toMatch(
      /@sentinel-0:26379,sentinel-1:26379,sentinel-2:26379/,
    );
    expect(decoded(secrets['xnai-valkey'], 'valkey-1.conf')).toMatch(/^replicaof valkey-0 6379$/m);
    const password = (await readFile(join(folder, 'rag/store-password'), 'utf8')).trim();
    expect(decoded(secrets['xnai-rag'], 'store-url')).toBe(`postgres://rag:${password}@database:5432/rag\n`);
  });

  it('are the same of the same folder, but for the database that is given', async () => {
    const { 'xnai-rag': rag, ...others } = await make();
    const { 'xnai-rag': next, ...same } = await make('postgres://me:secret@db.example/docs');

    expect(same).toEqual(others);
    expect(decoded(next, 'store-url')).toBe('postgres://me:secret@db.example/docs\n');
    expect(next?.['keys.json']).toBe(rag?.['keys.json']);
  });

  it('keep what was given when it is not given again', async () => {
    await make('postgres://me:secret@db.example/docs');
    // As when the certificate has come to its end.
    await rm(join(folder, 'balancer/tls.crt'));
    const report = () => {};

    await makeSecrets(folder, { report });

    const text = (path: string) => readFile(join(folder, path), 'utf8');
    expect(await text('rag/store-url')).toBe('postgres://me:secret@db.example/docs\n');
    expect(await text('valkey/valkey-0.conf')).toMatch(/^maxmemory 64mb$/m);
    expect(new X509Certificate(await text('balancer/tls.crt')).subjectAltName).toContain('DNS:rag.example');

    await makeSecrets(folder, { store: 'none', report });
    expect(await text('rag/store-url')).toContain('@database:5432/rag');

    await writeFile(join(folder, 'options.json'), '{"names": "rag.example"}');
    await expect(makeSecrets(folder, { report })).rejects.toThrow(/options.json: .*expected array/s);
  });

  it.each(['mysql://me@db/docs', 'postgres://db.example/docs', 'postgres://me@db.example'])(
    'refuse %s as a database, and write nothing',
    async (url) => {
      await expect(make(url)).rejects.toThrow('expected postgres://USER:PASSWORD@HOST:PORT/DATABASE');
      await expect(stat(folder)).rejects.toThrow('ENOENT');
    },
  );
});
