import type { Transition } from '../gate/change.ts';
import type { Store } from '../store/store.ts';
import type { Clock } from '../time/clock.ts';

/** Object first, constant message: pino's shape. */
export interface Logger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface RegistryOptions {
  /** Whose breakers these are: part of their key in the store. */
  readonly service: string;
  /** Where replicas meet; without one, every breaker is local. */
  readonly store?: Store | undefined;
  readonly clock?: Clock | undefined;
  readonly logger?: Logger | undefined;
  readonly onEvent?: ((event: RegistryEvent) => void) | undefined;
  /** Names this process among its like. What tells one life of it from the next is added. */
  readonly replica?: string | undefined;
  readonly timing?: Partial<FleetTiming> | undefined;
  /** For jitter. */
  readonly random?: (() => number) | undefined;
}

export interface FleetTiming {
  readonly pollMs: number;
  /** Between attempts to reach a store that is away. */
  readonly pollDownMs: number;
  readonly flushMs: number;
  readonly startWaitMs: number;
  readonly closeWaitMs: number;
}

export const defaultTiming: FleetTiming = {
  pollMs: 1_000,
  pollDownMs: 400,
  flushMs: 50,
  startWaitMs: 250,
  closeWaitMs: 500,
};

export type RegistryEvent =
  | ({ readonly type: 'transition' } & Transition)
  | { readonly type: 'store'; readonly up: boolean; readonly reason: string | undefined };
