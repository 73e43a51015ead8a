import { expect, test } from 'vitest';
import { createRegistry } from '../index.ts';
import { createFakeClock, MemoryBackend } from '../testing/index.ts';

test('a store that is away at the start is told of once, and so is its coming', async () => {
  const clock = createFakeClock();
  const store = new MemoryBackend({ clock }).connect();
  store.down = true;
  const lines: string[] = [];
  const note = (_fields: object, line: string) => lines.push(line);
  const options = { service: 's', store, clock, logger: { info: note, warn: note } };
  await using registry = createRegistry(options).define({ quiet: {} });
  const started = registry.start();
  await clock.advance(10_000);
  await started;
  expect(lines).toEqual(['breaker store away: breakers decide by themselves']);
  store.down = false;
  await clock.advance(2_000);
  expect(lines).toEqual(['breaker store away: breakers decide by themselves', 'breaker store reached']);
});

test('of a store that is there, nothing but its coming is told', async () => {
  const clock = createFakeClock();
  const store = new MemoryBackend({ clock }).connect();
  const lines: string[] = [];
  const note = (_fields: object, line: string) => lines.push(line);
  const logger = { info: note, warn: note };
  await using registry = createRegistry({ service: 's', store, clock, logger }).define({ quiet: {} });
  const started = registry.start();
  await clock.advance(1_000);
  await started;
  expect(lines).toEqual(['breaker store reached']);
});
