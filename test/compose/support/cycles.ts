import { expect } from 'vitest';
import type { ComposeStack } from './compose-stack.ts';

/** All but the models, of which these stacks have none. */
export const SERVICES = ['secrets', 'redis', 'rag', 'crawler'];

/** up, until the stack is whole. */
export async function start(stack: ComposeStack): Promise<void> {
  const up = await stack.up();
  expect(up.code, up.output.slice(-3000)).toBe(0);
  await stack.healthy();
  await isWhole(stack);
}

/** Both services answer, with Redis, and the engine has seen it. */
export async function isWhole(stack: ComposeStack): Promise<void> {
  const api = await stack.api();
  for (const service of ['rag', 'crawler'] as const) {
    const redis = async () => (await api[service].readiness()).checks['redis']?.status;
    await expect.poll(() => redis().catch(String), { timeout: 30_000 }).toBe('ok');
  }
  for (const service of SERVICES) {
    // As the timer of the engine runs it, but at once.
    await expect.poll(() => stack.healthCheck(service), { timeout: 30_000 }).toBe(0);
    expect(await stack.health(service)).toBe('healthy');
  }
}

/** down; nothing is left running. */
export async function stop(stack: ComposeStack): Promise<void> {
  const down = await stack.down();
  expect(down.code, down.output).toBe(0);
  expect((await stack.machine.run(['podman', 'ps', '-q'])).output.trim()).toBe('');
}

export async function startAndStop(stack: ComposeStack): Promise<void> {
  await start(stack);
  await stop(stack);
}

/** up, then kill -9 of every process in every container. @returns the API key */
export async function startAndKill(stack: ComposeStack): Promise<string> {
  await start(stack);
  const { output } = await stack.exec('rag', ['cat', '/run/xnai/first-key']);
  await stack.killAll();
  return output.trim();
}
