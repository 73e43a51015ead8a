import { randomBytes } from 'node:crypto';
import type { Breaker } from './breaker.ts';
import { type Clock, systemClock } from './clock.ts';
import { ResilienceError } from './errors.ts';
import { createFamily, type Family, type FamilyLimits } from './family.ts';
import { createMember, type Member } from './member.ts';
import { type BreakerOptions, checkName, rulesOf } from './options.ts';
import { createPipeline, type Pipeline, type PipelineOptions } from './policies/pipeline.ts';
import { type BreakerSnapshot, snapshotOf } from './snapshot.ts';
import { createTally } from './tally.ts';
import type { Transition } from './transitions.ts';

/** Object first, constant message: pino's shape. */
export interface Logger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface RegistryOptions {
  /** Whose breakers these are: part of their key in the store. */
  readonly service: string;
  readonly clock?: Clock;
  readonly logger?: Logger;
  readonly onEvent?: (event: RegistryEvent) => void;
  /** This process among its like; made up when absent. */
  readonly replica?: string;
}

export type RegistryEvent = { readonly type: 'transition' } & Transition;

export interface Check {
  readonly status: 'ok' | 'degraded' | 'down' | 'absent';
  readonly detail: string;
}

/** All breakers of a process. Making it does no I/O and cannot fail but for options that make no sense. */
export interface Registry<Names extends string = never> {
  readonly service: string;
  readonly replica: string;
  /** @throws ResilienceError BAD_OPTIONS for a name taken or an option that makes no sense. */
  define<const D extends Readonly<Record<string, BreakerOptions>>>(
    definitions: D,
  ): Registry<Names | (keyof D & string)>;
  get(name: Names): Breaker;
  /** For names that come from outside. */
  find(name: string): Breaker | undefined;
  names(): readonly string[];
  family(name: string, options: FamilyLimits & Omit<BreakerOptions, 'scope'>): Family;
  pipeline(name: Names, options?: PipelineOptions): Pipeline;
  snapshot(): readonly BreakerSnapshot[];
  /** Health contributors by name. */
  checks(): Readonly<Record<string, Check>>;
  start(): Promise<void>;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export const createRegistry = (options: RegistryOptions): Registry => {
  const { clock = systemClock, logger } = options;
  checkName(options.service);
  const replica = options.replica ?? randomBytes(4).toString('hex');
  const members = new Map<string, Member>();
  const families = new Map<string, Family>();

  const make = (
    name: string,
    settings: BreakerOptions,
    tally = createTally(),
    rules = rulesOf(name, settings),
  ): Member =>
    createMember(name, settings, {
      clock,
      replica,
      tally,
      rules,
      onTransition(transition) {
        logger?.warn({ ...transition }, 'breaker changed');
        options.onEvent?.({ type: 'transition', ...transition });
      },
      onListenerError: (breaker, err) => logger?.warn({ breaker, err }, 'a breaker listener failed'),
    });

  const taken = (name: string) => {
    if (members.has(name) || families.has(name)) {
      throw new ResilienceError('BAD_OPTIONS', { message: `breaker '${name}' is defined twice` });
    }
    return checkName(name);
  };

  const registry: Registry<string> = {
    service: options.service,
    replica,
    define(definitions) {
      // All are checked before any is taken in.
      const made = Object.entries(definitions).map(
        ([name, settings]) => [taken(name), make(name, settings)] as const,
      );
      for (const [name, member] of made) members.set(name, member);
      return registry as never;
    },
    get: (name) => find(members, name).breaker,
    find: (name) => members.get(name)?.breaker,
    names: () => [...members.keys()],
    family(name, { max, idleMs, ...settings }) {
      taken(name);
      const rules = rulesOf(name, settings);
      const tally = createTally();
      const create = (key: string) => make(`${name}:${key}`, settings, tally, rules).breaker;
      const family = createFamily(name, { max, idleMs, clock, create });
      families.set(name, family);
      return family;
    },
    pipeline: (name, settings = {}) => createPipeline(find(members, name).breaker, { clock, ...settings }),
    snapshot() {
      const now = { nowMs: clock.nowMs(), wallMs: Date.now() };
      return [...members.values()].map(({ breaker, gate }) =>
        snapshotOf(breaker, gate, { shared: false, ...now }),
      );
    },
    checks: () => ({}),
    async start() {},
    async close() {},
    [Symbol.asyncDispose]: () => registry.close(),
  };
  return registry as unknown as Registry;
};

const find = (members: ReadonlyMap<string, Member>, name: string): Member => {
  const member = members.get(name);
  if (member === undefined)
    throw new ResilienceError('UNKNOWN_BREAKER', { message: `no breaker is named '${name}'` });
  return member;
};
