import { z } from 'zod';
import type { Transition } from '../gate/change.ts';
import type { BreakerStore } from '../store/store.ts';
import type { Clock } from '../time/clock.ts';
import { breakerName, timeMs } from './parse.ts';

/** Object first, constant message: pino's shape. */
export interface Logger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export const registryOptions = z.strictObject({
  /** Whose breakers these are: part of their key in the store. */
  service: breakerName,
  /** Where replicas meet; without one, every breaker is local. */
  store: z.custom<BreakerStore>().optional(),
  clock: z.custom<Clock>().optional(),
  logger: z.custom<Logger>().optional(),
  onTransition: z.custom<(transition: Transition) => void>().optional(),
  /** Names this process among its like. What tells one life of it from the next is added. */
  replica: breakerName.optional(),
  timing: z
    .strictObject({
      pollMs: timeMs.default(1_000),
      /** Between attempts to reach a store that is away. */
      pollDownMs: timeMs.default(400),
      flushMs: timeMs.default(50),
      startWaitMs: timeMs.default(250),
      closeWaitMs: timeMs.default(500),
    })
    .prefault({}),
  /** For jitter. */
  random: z.custom<() => number>().default(() => Math.random),
});

export type RegistryOptions = z.input<typeof registryOptions>;
export type CheckedRegistryOptions = z.output<typeof registryOptions>;
