import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openBuiltMachine } from './support/built-machine.ts';
import { createComposeStack, PROVIDERS, type Provider } from './support/compose-stack.ts';
import { isWhole, SERVICES, start, stop } from './support/cycles.ts';
import type { Machine } from './support/machine.ts';

let machine: Machine;

beforeAll(async () => {
  machine = await openBuiltMachine();
});
afterAll(() => machine?.[Symbol.asyncDispose]());

/** What `npm run quadlet` writes, by file name. */
function stackUnits(): Readonly<Record<string, string>> {
  const folder = mkdtempSync(join(tmpdir(), 'units-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const cwd = fileURLToPath(new URL('../..', import.meta.url));
  execFileSync(process.execPath, ['packages/compose-lint/quadlet.ts', folder], { cwd });
  return Object.fromEntries(
    readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
  );
}

async function mark(text: string): Promise<void> {
  await machine.run(['sh', '-c', 'echo "// $0" >> apps/rag/src/main.ts', text]);
}

describe.each(Object.keys(PROVIDERS) as Provider[])('%s', (provider) => {
  it('is there, and of that version', async () => {
    const version = /[\d.]+$/.exec(provider)?.[0] ?? '';
    const { code, output } = await createComposeStack(machine, { provider }).compose(['version']);

    expect(code, output).toBe(0);
    expect(output).toMatch(new RegExp(`compose version v?${version.replace('.', '\\.')}\\.`, 'i'));
  });

  it('starts each crashed service again, restarts on demand, leaves an updated image running, and ends', async () => {
    await using stack = createComposeStack(machine, { provider });
    await start(stack);

    for (const service of SERVICES) {
      const [, process = ''] = await stack.processes(service);
      expect((await stack.killProcess(process)).code).toBe(0);
    }
    await isWhole(stack);

    const before = await stack.processes('rag');
    const restarted = await stack.compose(['restart', 'rag']);
    expect(restarted.output).not.toMatch(/error/i);
    await isWhole(stack);
    expect(await stack.processes('rag')).not.toEqual(before);

    await mark(provider);
    expect((await stack.compose(['build'], 900_000)).code).toBe(0);
    expect((await stack.up('--force-recreate')).code).toBe(0);
    await isWhole(stack);
    expect((await stack.exec('rag', ['tail', '-n', '1', 'apps/rag/src/main.ts'])).output).toBe(
      `// ${provider}\n`,
    );
    await stop(stack);
  });
});

describe('the Quadlet units', () => {
  // The generator leaves out a folder whose path is relative.
  const command = 'QUADLET_UNIT_DIRS="$PWD/units" exec /usr/libexec/podman/quadlet -user -dryrun';
  const dryRun = () => machine.run(['sh', '-c', command]);

  it("are accepted by Podman's generator, which refuses an unknown key", async () => {
    for (const [name, text] of Object.entries(stackUnits())) {
      await machine.run(['sh', '-c', 'mkdir -p units && printf %s "$1" >units/"$0"', name, text]);
    }
    const whole = await dryRun();
    expect(whole.code, whole.output).toBe(0);
    expect(whole.output.match(/^ExecStart=.*podman run /gm)).toHaveLength(5);
    expect(whole.output).not.toMatch(/unsupported|error/i);
    expect(whole.output.match(/ --env RESTART_BACKOFF=systemd /g)).toHaveLength(5);

    await machine.run(['sed', '-i', 's/^ReadOnly=/ReadOnlyy=/', 'units/xnai-rag.container']);
    expect((await dryRun()).output).toMatch(/ReadOnlyy/);
  });
});

/** What is written to its volume comes later than the first start. */
const STILL_EMPTY = { crawler: '/var/lib/xnai-schedules', rag: '/var/lib/xnai-snapshots' };

describe('a crash', () => {
  it('of any process in any container is recovered from', async () => {
    await using stack = createComposeStack(machine);
    await stack.up();
    await isWhole(stack);

    for (const service of SERVICES) {
      const { length } = await stack.processes(service);
      expect(length).toBeGreaterThan(1);
      for (let nth = 0; nth < length; nth += 1) {
        const process = (await stack.processes(service))[nth];
        // A browser that looked for its sandbox has ended since.
        if (process !== undefined) await stack.killProcess(process);
        await isWhole(stack);
      }
    }
    // Podman gives a volume that is still empty to root when a container starts again.
    for (const [service, folder] of Object.entries(STILL_EMPTY))
      expect([folder, (await stack.exec(service, ['test', '-w', folder])).code]).toEqual([folder, 0]);
  });

  it('at each start is followed by longer and longer pauses, which /readyz reports', async () => {
    await using stack = createComposeStack(machine, { env: { INDEX_MAX_BYTES: 'plenty' } });
    const up = await stack.up();
    expect(up.code, up.output).toBe(0);

    const seen = async () => {
      const log = await stack.logs('rag');
      const pauses = [...log.matchAll(/next start in (\d+) s/g)].map(([, seconds]) => seconds);
      return { pauses, status: await stack.status('rag'), log };
    };
    await expect.poll(seen, { timeout: 60_000 }).toMatchObject({ pauses: ['1', '2', '4', '8'] });
    // The pause is logged just before the port answers.
    const livez = () => fetch('http://127.0.0.1:19480/livez').then(({ status }) => status, String);
    await expect.poll(livez, { interval: 100, timeout: 5000 }).toBe(503);
    expect(await stack.healthCheck('rag')).not.toBe(0);
    expect(await stack.status('rag')).toMatch(/^Up .*\((starting|unhealthy)\)$/);
    const answer = await fetch('http://127.0.0.1:19480/readyz');
    expect(answer.status).toBe(503);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await answer.json()).toMatchObject({
      status: 'unavailable',
      checks: { start: { status: 'down', detail: expect.stringContaining('next start in') } },
    });
    expect((await fetch('http://127.0.0.1:19480/v1/collections')).status).toBe(503);

    await using mended = createComposeStack(machine);
    await mended.up('--force-recreate');
    await isWhole(mended);
    expect(await mended.status('rag')).toMatch(/^Up .*\(healthy\)$/);
  });

  it('is not counted when it was a stop or a restart on request', async () => {
    await using stack = createComposeStack(machine);
    await stack.up();
    await isWhole(stack);

    // One end more than the first pause needs.
    for (let nth = 0; nth < 3; nth += 1) {
      const restarted = await stack.compose(['restart', '-t', '10', 'rag', 'redis']);
      expect(restarted.code, restarted.output).toBe(0);
    }
    await isWhole(stack);
    for (const service of ['rag', 'redis']) {
      expect(await stack.logs(service)).not.toContain('next start in');
      expect((await stack.exec(service, ['cat', '/run/starts/count'])).output).toMatch(/^1 \d+\n$/);
    }
  });
});
