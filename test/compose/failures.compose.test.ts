import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBuiltMachine } from './support/built-machine.ts';
import { createComposeStack } from './support/compose-stack.ts';
import type { Machine } from './support/machine.ts';

/** The ways in which such a stack fails to start or stops to work: each reproduced, then prevented or reported. */
let machine: Machine;

const USER = [
  '--user',
  '1001:1001',
  '--userns',
  'keep-id:uid=1001,gid=1001',
  '--read-only',
  '--cap-drop',
  'all',
];
const run = (...args: string[]) => machine.run(['podman', 'run', '--rm', ...args]);

beforeAll(async () => {
  machine = await openBuiltMachine();
});
afterAll(() => machine?.[Symbol.asyncDispose]());

describe('mounts and users', () => {
  it('one destination as tmpfs and as volume does not start', async () => {
    const { code, output } = await run(
      '--tmpfs',
      '/data:size=1m',
      '-v',
      'state:/data',
      'localhost/xnai-rag',
      'true',
    );

    expect(code).toBe(125);
    expect(output).toContain('/data: duplicate mount destination');
  });

  it("Redis under another uid than its folder's owner cannot save; the durable stack can", async () => {
    const other = await run(
      ...['--user', '1002:1002', '--userns', 'keep-id:uid=1001,gid=1001', '-v', 'owned:/data'],
      ...['docker.io/library/redis:8', 'sh', '-c', 'touch /data/x'],
    );
    expect(other.output).toMatch(/Permission denied/);

    await using stack = createComposeStack(machine, { overlays: ['compose/durable.yaml'] });
    await stack.up();
    await stack.healthy();
    const { output } = await stack.exec('redis', ['sh', '-c', 'ls -nR /var/lib/xnai | grep aof; id -u']);
    expect(output).toMatch(/ 1001 +1001 .*aof/);
  });

  it('a log folder that the image does not have is made and written to', async () => {
    await using stack = createComposeStack(machine, { env: { LOG_DIR: '/var/elsewhere/logs' } });
    await stack.up();
    await stack.healthy();

    for (const service of ['rag', 'crawler']) {
      expect((await stack.exec(service, ['sh', '-c', 'cat /var/elsewhere/logs/*'])).output).toContain(
        'listening',
      );
    }
  });

  it('a log folder on the read-only root is warned of, and the service starts', async () => {
    const { output } = await machine.run([
      'sh',
      '-c',
      `podman run -d --name readonly ${USER.join(' ')} --tmpfs /app/data:size=16m,mode=0700,U -e XNAI_DATA_DIR=/app/data ` +
        '-e RAG_GENERATE_MODEL=none -e LOG_DIR=/srv/logs localhost/xnai-rag >/dev/null; ' +
        'for i in $(seq 60); do podman exec readonly node containers/health.ts 8080 && break; sleep 0.5; done; ' +
        'podman exec readonly node containers/health.ts 8080; echo "health $?"; podman logs readonly; podman rm -f readonly',
    ]);

    expect(output).toContain('health 0');
    expect(output).toMatch(/LOG_DIR|log folder/);
  });

  it('a GPU that is not there is named by the overlay that asks for it, and the stack runs without it', async () => {
    await using stack = createComposeStack(machine, { overlays: ['compose/gpu.yaml'] });
    expect((await stack.compose(['config'])).output).toContain('/dev/dri');
    const { output } = await stack.up();

    expect(output).toMatch(/\/dev\/dri.*no such file/);
    await stack.down();
    await using without = createComposeStack(machine);
    await without.up();
    await without.healthy();
  });
});

describe('limits below the tmpfs sum', () => {
  // packages/compose-lint/examples/tmpfs-over-memory.yaml is how the linter prevents it.
  it('the writer is killed instead of told that the tmpfs is full', async () => {
    const tight = ['--memory', '64m', '--memory-swap', '64m', '--tmpfs', '/data:size=256m'];

    const { code, output } = await run(
      ...tight,
      'localhost/xnai-rag',
      'dd',
      'if=/dev/zero',
      'of=/data/x',
      'bs=1M',
    );

    expect(code, output).toBe(137);
  });
});

describe('a full tmpfs', () => {
  const fill = (folder: string) => [
    'sh',
    '-c',
    `dd if=/dev/zero of=${folder}/fill bs=64k 2>/dev/null; df ${folder}`,
  ];
  const document = {
    content: `# Long\n\n${'A heron stands in the shallow water. '.repeat(2000)}`,
    content_type: 'text/markdown',
  } as const;

  it('of the index: writing answers 503, reading goes on, and room mends it', async () => {
    await using stack = createComposeStack(machine, { env: { RAG_DATA_SIZE: '16m' } });
    await stack.up();
    await stack.healthy();
    const api = await stack.api();
    const put = (id: string) => api.rag.putDocument('default', id, document);
    expect(await put('first')).toMatchObject({ status: 'indexed' });

    await stack.exec('rag', fill('/app/data'));
    const refused: unknown[] = [];
    for (let n = 0; n < 20; n += 1) await put(`more-${n}`).catch((error) => refused.push(error));
    expect(refused).toContainEqual(expect.objectContaining({ name: 'ClientError', status: 503 }));
    expect((await api.rag.search({ query: 'heron' })).results.length).toBeGreaterThan(0);

    await stack.exec('rag', ['rm', '/app/data/fill']);
    await expect.poll(async () => (await put('again')).status, { timeout: 30_000 }).toBe('indexed');
  });

  it('of logs, crawl state and Redis data: all services go on answering', async () => {
    await using stack = createComposeStack(machine);
    await stack.up();
    await stack.healthy();
    await stack.exec('rag', fill('/app/logs'));
    await stack.exec('crawler', fill('/app/logs'));
    await stack.exec('crawler', fill('/app/work'));
    await stack.exec('redis', fill('/data'));
    const api = await stack.api();

    expect((await api.rag.collections()).next_cursor).toBeNull();
    expect((await api.crawler.crawls()).next_cursor).toBeNull();
    expect((await api.rag.readiness()).status).not.toBe('unavailable');
    expect((await api.crawler.readiness()).checks).toMatchObject({ redis: { status: 'ok' } });
  });
});

describe('order of starts', () => {
  it('rag and crawler start without Redis, say so, and join when it comes', async () => {
    await using stack = createComposeStack(machine);
    await stack.up();
    await stack.healthy();
    await machine.run(['podman', 'stop', '-t', '2', await stack.containerOf('redis')]);
    const restarted = await stack.compose(['restart', 'rag', 'crawler']);
    expect(restarted.output).not.toMatch(/error/i);
    await stack.healthy();
    const api = await stack.api();
    // Within the time in which a first connection is given up.
    for (const service of ['rag', 'crawler'] as const) {
      await expect
        .poll(async () => (await api[service].readiness()).degraded, { timeout: 20_000 })
        .toContain('redis');
    }
    await expect(api.crawler.submitCrawl({ url: 'http://9.9.9.9/' })).rejects.toMatchObject({ status: 503 });

    await machine.run(['podman', 'start', await stack.containerOf('redis')]);

    for (const service of ['rag', 'crawler'] as const) {
      await expect
        .poll(async () => (await api[service].readiness()).degraded, { timeout: 20_000 })
        .not.toContain('redis');
    }
  });

  it.each([
    ['crawler', 'rag', 'redis'],
    ['rag', 'redis', 'crawler'],
    ['redis', 'crawler', 'rag'],
  ])('starts in the order %s, %s, %s', async (...order) => {
    await using stack = createComposeStack(machine);
    await stack.up();
    for (const service of order)
      await machine.run(['podman', 'stop', '-t', '5', await stack.containerOf(service)]);

    for (const service of order) {
      expect((await machine.run(['podman', 'start', await stack.containerOf(service)])).code).toBe(0);
    }

    await stack.healthy();
  });
});
