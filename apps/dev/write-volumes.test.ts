import { X509Certificate } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listKeys, openKeyRing, revokeKey } from '@xnai/service';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensureCertificate } from './write-scale.ts';
import { writeVolumes } from './write-volumes.ts';

let folder: string;
let reports: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'volumes-'));
  reports = [];
});
afterEach(() => rm(folder, { recursive: true }));

const write = (seed?: string) =>
  writeVolumes(folder, {
    seed,
    maxMemory: '64mb',
    auditFolder: join(folder, 'audit'),
    report: (message) => reports.push(message),
  });
/** Locks lie beside what they protect. */
const filesIn = async (path: string) =>
  (await readdir(join(folder, path))).filter((name) => !name.includes('.lock')).sort();
const read = (path: string) => readFile(join(folder, path), 'utf8');

async function everything(): Promise<Record<string, string>> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    await Promise.all(files.map(async (file) => [file, await readFile(file, 'utf8')])),
  );
}

describe('the secrets of a stack in containers', () => {
  it('gives each service its own files and no other service their content', async () => {
    await write();

    expect(await filesIn('redis')).toEqual(
      ['health.sh', 'monitor-password', 'redis.conf', 'start.sh', 'users.acl'].sort(),
    );
    expect(await filesIn('rag')).toEqual(
      ['audit-key', 'first-key', 'keys.json', 'redis-breaker-url', 'redis-url'].sort(),
    );
    expect(await filesIn('crawler')).toEqual(
      ['audit-key', 'keys.json', 'rag-key', 'redis-breaker-url', 'redis-url', 'webhook-secrets.json'].sort(),
    );
    expect(await filesIn('backup')).toEqual(['audit-key', 'keys.json']);
    expect(await read('crawler/keys.json')).toBe(await read('rag/keys.json'));
  });

  it('makes every file readable by its owner alone', async () => {
    await write();

    for (const file of Object.keys(await everything())) expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('makes keys that open what they shall: all scopes for people, pages of the web alone for the crawler', async () => {
    await write();

    const ring = await openKeyRing({ file: join(folder, 'rag/keys.json') });
    expect(ring.verify((await read('rag/first-key')).trim())?.scopes).toContain('admin');
    expect(ring.verify((await read('crawler/rag-key')).trim())).toMatchObject({
      scopes: ['web'],
      exempt: true,
    });
  });

  it('leaves everything as it is when run again', async () => {
    await write();
    expect(await read('crawler/webhook-secrets.json')).toBe('{}\n');
    await writeFile(join(folder, 'crawler/webhook-secrets.json'), '{"n8n": "whsec_…"}');
    const before = await everything();

    await write();

    expect(await everything()).toEqual(before);
    expect(reports).toHaveLength(2);
  });

  it('mends what was lost, and keeps the first key', async () => {
    await write();
    const firstKey = await read('rag/first-key');
    await rm(join(folder, 'crawler'), { recursive: true });

    await write();

    const ring = await openKeyRing({ file: join(folder, 'crawler/keys.json') });
    expect(await read('rag/first-key')).toBe(firstKey);
    expect(ring.verify((await read('crawler/rag-key')).trim())?.scopes).toEqual(['web']);
  });

  it('makes a key that was revoked not valid again, and another one only where there is none at all', async () => {
    await write();
    const keys = join(folder, 'rag/keys.json');
    const firstKey = (await read('rag/first-key')).trim();
    const audit = { record: async () => ({ seq: 0 }) };
    const revoke = async (which: RegExp) => {
      for (const { id, name = '' } of await listKeys(keys))
        if (which.test(name)) await revokeKey(keys, id, audit);
    };
    await revoke(/^XNAI_API_KEY$/);

    await write();
    for (const service of ['rag', 'crawler'])
      expect(
        (await openKeyRing({ file: join(folder, service, 'keys.json') })).verify(firstKey),
      ).toBeUndefined();
    expect((await listKeys(keys)).map(({ name }) => name)).toEqual(['xnai:crawler']);

    await revoke(/./);
    await write();
    const ring = await openKeyRing({ file: keys });
    expect(ring.verify(firstKey)).toBeUndefined();
    expect(ring.verify((await read('rag/first-key')).trim())?.scopes).toContain('admin');
  });

  it('gives the services that watch their files where they are mounted, and the same at the next start', async () => {
    const services = ['prometheus', 'alertmanager', 'grafana', 'redis-exporter', 'node-exporter', 'jaeger'];
    for (const name of services) await mkdir(join(folder, name));
    await write();
    const before = await everything();
    await write();

    expect(await everything()).toEqual(before);
    for (const name of services) expect(await filesIn(name)).toContain('start.sh');
    expect(await filesIn('prometheus')).toEqual(
      ['alerts.yaml', 'metrics-key', 'prometheus.yaml', 'recording.yaml', 'start.sh'].sort(),
    );
    expect(await filesIn('jaeger')).toEqual(['start.sh']);
    const ring = await openKeyRing({ file: join(folder, 'crawler/keys.json') });
    expect(ring.verify((await read('prometheus/metrics-key')).trim())).toMatchObject({
      scopes: ['metrics'],
    });
    expect(JSON.parse(await read('redis-exporter/passwords.json'))['redis://redis:6379']).toBe(
      (await read('redis/monitor-password')).trim(),
    );
  });

  it('makes a key for metrics anew that is not among the keys any more', async () => {
    await mkdir(join(folder, 'prometheus'));
    await write();
    const lost = await read('prometheus/metrics-key');
    await rm(join(folder, 'rag/keys.json'));
    await write();
    await writeFile(join(folder, 'prometheus/metrics-key'), lost);

    await write();

    const ring = await openKeyRing({ file: join(folder, 'crawler/keys.json') });
    expect(ring.verify(lost.trim())).toBeUndefined();
    expect(ring.verify((await read('prometheus/metrics-key')).trim())?.scopes).toEqual(['metrics']);
  });

  it('derives the same passwords from the same seed', async () => {
    await write('seed');
    const before = await read('crawler/redis-url');
    await rm(join(folder, 'crawler'), { recursive: true });

    await write('seed');

    expect(await read('crawler/redis-url')).toBe(before);
  });
});

describe('the secrets of compose/scale.yaml', () => {
  beforeEach(async () => {
    for (const name of ['database', 'valkey', 'sentinel', 'balancer']) await mkdir(join(folder, name));
  });

  it('are the same at each start, of one seed that it keeps', async () => {
    await write();
    const before = await everything();
    await write();

    expect(await everything()).toEqual(before);
    expect(await filesIn('valkey')).toEqual(
      [
        ...['health.sh', 'password', 'start.sh', 'users.acl', 'valkey-a.conf', 'valkey-b.conf'],
        ...['valkey-c.conf', 'valkey.sh'],
      ].sort(),
    );
    expect(await filesIn('database')).toEqual(
      ['database.sh', 'first.sql', 'health.sh', 'last.sh', 'start.sh', 'superuser-password'].sort(),
    );
    expect(await filesIn('rag')).toContain('store-password');
    expect(await read('database/first.sql')).toContain((await read('rag/store-password')).trim());
    const url = /^redis.sentinel:\/\/crawler:.*@sentinel-a:26379,.*\/main[?]/;
    expect(await read('crawler/redis-url')).toMatch(url);
  });

  it('leave a certificate of the owner as it is', async () => {
    await write();
    expect(await read('balancer/tls.crt')).toContain('BEGIN CERTIFICATE');
    await writeFile(join(folder, 'balancer/tls.crt'), 'of the owner');

    await write();

    expect(await read('balancer/tls.crt')).toBe('of the owner');
  });

  it('have their certificate made anew, which changes nothing else', async () => {
    await write();
    await rm(join(folder, 'rag/first-key'));
    await rm(join(folder, 'balancer/tls.crt'));
    const others = await everything();

    await ensureCertificate(folder, ['rag.example']);

    const made = ['balancer/tls.crt', 'balancer/tls.key'].map((path) => join(folder, path));
    expect(new X509Certificate(await read('balancer/tls.crt')).subjectAltName).toContain('DNS:rag.example');
    const isMade = ([path]: readonly [string, string]) => made.includes(path);
    expect(Object.entries(await everything()).filter((one) => !isMade(one))).toEqual(
      Object.entries(others).filter((one) => !isMade(one)),
    );
  });
});
