import { afterAll, beforeAll, expect, it } from 'vitest';
import { openBuiltMachine } from './support/built-machine.ts';
import { createComposeStack } from './support/compose-stack.ts';
import { storageMounts } from './support/inside.ts';
import type { Machine } from './support/machine.ts';

let machine: Machine;

beforeAll(async () => {
  machine = await openBuiltMachine();
});
afterAll(() => machine?.[Symbol.asyncDispose]());

it('a service of its own backs up what rag leaves behind, tries it, and restores it', async () => {
  await using stack = createComposeStack(machine, {
    overlays: ['compose/backup.yaml'],
    env: { SNAPSHOT_INTERVAL: '2s' },
  });
  await stack.up();
  await stack.healthy();
  const content = '# Heron\n\nThe heron stands in the shallow water.';
  await (await stack.api()).rag.putDocument('birds', 'heron', { content, content_type: 'text/markdown' });

  const backup = async (...words: string[]) => stack.exec('backup', ['xnai', 'backup', ...words]);
  await expect
    .poll(async () => (await backup('create')).output, { timeout: 60_000, interval: 2000 })
    .toContain('1 collections, 1 documents');
  const drill = await backup('drill');
  expect(drill.code, drill.output).toBe(0);
  const kept = (await storageMounts(stack, 'backup')).filter(({ type }) => type !== 'tmpfs');
  expect(kept.map(({ path }) => path).sort()).toEqual([
    '/backups',
    '/var/lib/xnai-audit/commands',
    '/var/lib/xnai-backup',
    '/var/lib/xnai-metrics',
  ]);
  expect((await stack.exec('backup', ['ls', '/run/xnai'])).output.trim().split(/\s+/)).toEqual([
    'audit-key',
    'keys.json',
  ]);

  const running = await stack.compose(['--profile', 'restore', 'run', '--rm', 'restore']);
  expect(running.output).toContain('The stack is running');
  await stack.down();
  await machine.run(['podman', 'volume', 'rm', 'xnai_snapshots']);
  const restored = await stack.compose(['--profile', 'restore', 'run', '--rm', 'restore']);
  expect(restored.output).toContain('Restored from xnai-');
  await stack.up();
  await stack.healthy();
  expect(await (await stack.api()).rag.getDocument('birds', 'heron')).toMatchObject({ id: 'heron' });
});
