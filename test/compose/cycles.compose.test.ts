import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBuiltMachine } from './support/built-machine.ts';
import { createComposeStack } from './support/compose-stack.ts';
import { startAndKill, startAndStop } from './support/cycles.ts';
import { privileges } from './support/inside.ts';
import type { Machine } from './support/machine.ts';

let machine: Machine;

beforeAll(async () => {
  machine = await openBuiltMachine();
});
afterAll(() => machine?.[Symbol.asyncDispose]());

describe('podman-compose 1.6', () => {
  it('brings it up again after kill -9 of everything, twice, with the same key', async () => {
    await using stack = createComposeStack(machine);
    const keys = new Set<string>();
    for (let cycle = 0; cycle < 2; cycle += 1) keys.add(await startAndKill(stack));
    expect(keys.size).toBe(1);
  });
});

describe('the other images and overlays', () => {
  it('runs on Valkey', async () => {
    await using stack = createComposeStack(machine, { env: { REDIS_IMAGE: 'docker.io/valkey/valkey:8' } });
    await startAndStop(stack);
  });

  it("renders inside Chromium's own sandbox with sandbox.yaml", async () => {
    await using stack = createComposeStack(machine, {
      overlays: ['compose/sandbox.yaml', 'test/compose/site.yaml'],
      env: { ALLOWED_ORIGINS: 'http://site:8000' },
    });
    await stack.up();
    await stack.healthy();
    const api = await stack.api();

    const page = await api.crawler.scrape({ url: 'http://site:8000/app.html', render: 'always' });

    expect(page.markdown).toContain('17 inch and 24 inch sticks');
    expect((await api.crawler.readiness()).checks).toMatchObject({ 'browser-sandbox': { status: 'ok' } });
    expect(await privileges(stack, 'crawler')).toMatchObject({
      uid: '1001',
      seccomp: '2',
      noNewPrivileges: '1',
    });
  });

  it('goes on without a model that cannot be fetched, and says so in one line', async () => {
    const env = { GENERATE_MODEL: 'hf:nobody/no-such-model', EMBED_MODEL: 'none' };
    await using stack = createComposeStack(machine, { env });
    await stack.up();
    await stack.healthy();

    const why = /^hf:nobody\/no-such-model:q4_0: \S.*\n$/;
    await expect.poll(() => stack.logs('models'), { timeout: 60_000 }).toMatch(why);
    const { rag } = await stack.api();
    await expect.poll(async () => (await rag.readiness()).degraded, { timeout: 20_000 }).toEqual(['model']);
    expect((await rag.readiness()).checks['model']).toMatchObject({
      status: 'down',
      detail: expect.stringMatching(/^hf:nobody\/no-such-model:q4_0: the model hub /),
    });
  });

  it('keeps the index through a restart with durable.yaml', async () => {
    await using stack = createComposeStack(machine, { overlays: ['compose/durable.yaml'] });
    await stack.up();
    await stack.healthy();
    const api = await stack.api();
    const put = await api.rag.putDocument('default', 'kept', {
      content: '# Kept\n\nThe heron sleeps on one leg.',
      content_type: 'text/markdown',
    });
    expect(put).toMatchObject({ status: 'indexed' });

    await stack.down();
    await stack.up();
    await stack.healthy();

    expect((await (await stack.api()).rag.query({ query: 'How does the heron sleep?' })).answer).toMatch(
      /one leg/,
    );
  });
});
