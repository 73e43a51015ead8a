import { expect } from 'vitest';
import type { ComposeStack } from './compose-stack.ts';

/** up, both APIs healthy and Redis joined, down; nothing is left running. */
export async function startAndStop(stack: ComposeStack): Promise<void> {
  await start(stack);
  const down = await stack.down();
  expect(down.code, down.output).toBe(0);
  expect((await stack.machine.run(['podman', 'ps', '-q'])).output.trim()).toBe('');
}

/** up, healthy, then kill -9 of every process in every container. @returns the API key */
export async function startAndKill(stack: ComposeStack): Promise<string> {
  await start(stack);
  const { output } = await stack.exec('rag', ['cat', '/run/xnai/first-key']);
  await stack.killAll();
  return output.trim();
}

async function start(stack: ComposeStack): Promise<void> {
  const up = await stack.up();
  expect(up.code, up.output.slice(-3000)).toBe(0);
  await stack.healthy();
  // As the engine's timers run it: Redis' own check besides, and the login that it uses.
  for (const service of ['redis', 'rag', 'crawler']) {
    await expect.poll(() => stack.healthCheck(service), { timeout: 20_000 }).toBe(0);
  }
  const api = await stack.api();
  for (const service of ['rag', 'crawler'] as const) {
    await expect
      .poll(async () => (await api[service].readiness()).checks['redis']?.status, { timeout: 20_000 })
      .toBe('ok');
  }
}
