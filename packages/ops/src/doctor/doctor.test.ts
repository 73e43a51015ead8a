import { readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { identifyProcess } from '@xnai/service/process';
import { findFreePorts, startRedis } from '@xnai/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { commandAudit } from '../audit/index.ts';
import type { Finding } from './finding.ts';
import { CONTAINER_FAULTS, unit } from './testing/container-faults.ts';
import { DATABASE_FAULTS } from './testing/database-faults.ts';
import { FILE_FAULTS } from './testing/file-faults.ts';
import {
  container,
  type HealthyMachine,
  makeHealthyMachine,
  withContainer,
} from './testing/healthy-machine.ts';
import { HOST_FAULTS } from './testing/host-faults.ts';
import { PODMAN_FAULTS } from './testing/podman-faults.ts';
import { REDIS_FAULTS } from './testing/redis-faults.ts';

let machine: HealthyMachine;
beforeEach(async () => {
  machine = makeHealthyMachine(await findFreePorts(2));
});
afterEach(() => machine[Symbol.dispose]());

const FAULTS = [
  ...PODMAN_FAULTS,
  ...HOST_FAULTS,
  ...FILE_FAULTS,
  ...DATABASE_FAULTS,
  ...REDIS_FAULTS,
  ...CONTAINER_FAULTS,
];

/** The disk is the one of this host: it may be nearly full. */
const bad = (findings: readonly Finding[]) =>
  findings.filter(({ level, subject }) => level !== 'ok' && subject !== 'disk');

describe('doctor', () => {
  it('finds what a killed start has left', async () => {
    machine.file('/dev/shm/xnai-start-999999999-1-abc/children', '');
    expect(bad(await machine.look())).toMatchObject([
      { level: 'advice', subject: 'runs', command: 'npm run reclaim' },
    ]);
  });

  it('says that the stack that runs uses another data folder', async () => {
    const ofData = async () => (await machine.look()).filter(({ subject }) => subject === 'data');
    const starter = identifyProcess(process.pid);
    machine.file(`/dev/shm/xnai-start-${starter?.pid}-${starter?.startTicks}-abc/data-folder`, '/srv/other');
    expect(await ofData()).toMatchObject([
      { level: 'warning', command: "XNAI_DATA_DIR='/srv/other' npm run doctor" },
    ]);
    const redis = (await machine.look()).filter(({ subject }) => subject === 'redis');
    expect(redis).toEqual([]);
    machine.set('XNAI_DATA_DIR', '/srv/other');
    expect(await ofData()).toEqual([]);
  });

  it('finds an audit that was changed', async () => {
    const data = join(machine.checkout, 'data');
    const audit = commandAudit({ folder: join(data, 'audit'), keyFile: join(data, 'audit-key') });
    await audit.record({ what: 'key.create' });
    expect(bad(await machine.look()).filter(({ subject }) => subject === 'audit')).toEqual([]);
    writeFileSync(join(data, 'audit/commands/000000000001.jsonl'), '');
    expect(bad(await machine.look())).toContainEqual(
      expect.objectContaining({
        level: 'error',
        subject: 'audit',
        command: expect.stringContaining('npm run audit -- verify'),
      }),
    );
  });

  it('has nothing to say against a machine that is well', async () => {
    const findings = await machine.look();
    expect(bad(findings)).toEqual([]);
    expect(findings.length).toBeGreaterThan(12);
  });

  it.each(FAULTS)('finds %s', async (_what, level, cause, command, break_) => {
    break_(machine);
    const before = readdirSync(machine.checkout, { recursive: true });
    const found = bad(await machine.look()).filter((finding) => cause.test(finding.cause));
    expect(found.length).toBeGreaterThan(0);
    expect(found[0]).toMatchObject({ level, command: expect.stringContaining(command) });
    expect(readdirSync(machine.checkout, { recursive: true })).toEqual(before);
  });

  it('takes a service for well that has run for longer than a row of crashes', async () => {
    const started = {
      'exec xnai_rag_1 cat /run/starts/count': { out: `6 ${Math.round(Date.now() / 1000) - 600}\n` },
    };
    machine.program('podman', withContainer(container('rag', {}), started));
    machine.program('systemctl', { '--user': { out: unit('7', 'active', 'success') } });
    const errors = (await machine.look()).filter(({ level }) => level === 'error');
    expect(errors.filter(({ subject }) => /^(container|unit) /.test(subject))).toEqual([]);
  });

  it('tells a service of the stack from another program on its port', async () => {
    const answers = {
      '/readyz': {
        status: 'degraded',
        checks: { model: { status: 'down', detail: 'no hub' } },
        degraded: ['model'],
        advice: [],
      },
    };
    using own = await serve(answers);
    using foreign = await serve({});
    machine.set('RAG_PUBLISH', String(own.port));
    machine.set('CRAWL_PUBLISH', String(foreign.port));
    const findings = bad(await machine.look());
    expect(findings).toEqual([
      expect.objectContaining({
        level: 'error',
        subject: 'crawler',
        cause: expect.stringContaining('another program'),
      }),
      expect.objectContaining({ level: 'warning', subject: 'rag', cause: 'degraded: model: no hub' }),
    ]);
  });

  it('finds a Redis that evicts, and one without a limit', async () => {
    await using redis = await startRedis({ args: ['--maxmemory', '0', '--maxmemory-policy', 'allkeys-lru'] });
    machine.set('REDIS_URL', redis.url);
    const causes = bad(await machine.look()).map(({ cause }) => cause);
    expect(causes).toEqual([expect.stringContaining('no maxmemory'), expect.stringContaining('allkeys-lru')]);
    await redis.client.config('SET', 'maxmemory', '64mb', 'maxmemory-policy', 'noeviction');
    expect(bad(await machine.look())).toEqual([]);
  });

  it('looks in a container at what can be seen there, and asks no Podman', async () => {
    machine.file('/run/.containerenv', '');
    machine.file('/proc/self/mounts', '');
    machine.program('podman', { '': { code: 1, err: 'asked' } });
    const subjects = (await machine.look()).map(({ subject }) => subject);
    expect(subjects).toContain('tmpfs');
    expect(subjects).not.toContain('podman');
  });
});

async function serve(answers: Readonly<Record<string, unknown>>) {
  const server = createServer(({ url = '' }, response) => {
    response.writeHead(url in answers ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answers[url] ?? { hello: 'there' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, [Symbol.dispose]: () => server.close() };
}
