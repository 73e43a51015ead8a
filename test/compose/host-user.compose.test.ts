import { afterAll, beforeAll, expect, it } from 'vitest';
import { openBuiltMachine } from './support/built-machine.ts';
import { createComposeStack } from './support/compose-stack.ts';
import { startAndStop } from './support/cycles.ts';
import { type Machine, openMachine } from './support/machine.ts';

const IMAGES = ['docker.io/library/redis:8', 'localhost/xnai-rag', 'localhost/xnai-crawler'];

let machine: Machine;

beforeAll(async () => {
  await using other = await openBuiltMachine();
  await other.runAsRoot(['rm', '-f', '/var/tmp/images.tar']);
  const saved = await other.run(['podman', 'save', '-q', '-m', '-o', '/var/tmp/images.tar', ...IMAGES], {
    timeoutMs: 300_000,
  });
  expect(saved.code, saved.output).toBe(0);
});
beforeAll(async () => {
  machine = await openMachine(1000);
  const loaded = await machine.run(['podman', 'load', '-q', '-i', '/var/tmp/images.tar'], {
    timeoutMs: 300_000,
  });
  expect(loaded.code, loaded.output).toBe(0);
  await machine.runAsRoot(['rm', '/var/tmp/images.tar']);
});
afterAll(() => machine?.[Symbol.asyncDispose]());

it('starts for a host user whose uid is not the one in the containers', async () => {
  await using stack = createComposeStack(machine);
  await startAndStop(stack);
});

it('starts when APP_UID is the host user itself', async () => {
  await using stack = createComposeStack(machine, { env: { APP_UID: '1000', APP_GID: '1000' } });
  await startAndStop(stack);
});
