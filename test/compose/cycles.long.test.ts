import { afterAll, beforeAll, it } from 'vitest';
import { openBuiltMachine } from './support/built-machine.ts';
import { createComposeStack } from './support/compose-stack.ts';
import { startAndKill, startAndStop } from './support/cycles.ts';
import type { Machine } from './support/machine.ts';

let machine: Machine;

beforeAll(async () => {
  machine = await openBuiltMachine();
});
afterAll(() => machine?.[Symbol.asyncDispose]());

it('brings the stack up and down twenty times out of twenty', async () => {
  await using stack = createComposeStack(machine);
  for (let cycle = 0; cycle < 20; cycle += 1) await startAndStop(stack);
});

it('brings it up after kill -9 of everything ten times out of ten', async () => {
  await using stack = createComposeStack(machine);
  for (let cycle = 0; cycle < 10; cycle += 1) await startAndKill(stack);
});
