import { afterAll, beforeAll, expect, it } from 'vitest';
import { createComposeStack } from './support/compose-stack.ts';
import { startAndKill, startAndStop } from './support/cycles.ts';
import { type Machine, openMachine } from './support/machine.ts';

let machine: Machine;

beforeAll(async () => {
  machine = await openMachine(1001);
  const built = await createComposeStack(machine).compose(['build'], 900_000);
  expect(built.code, built.output.slice(-3000)).toBe(0);
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
