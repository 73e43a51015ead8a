import { randomBytes } from 'node:crypto';
import type { Breaker } from './breaker/breaker.ts';
import { createFamily, type Family, type FamilyLimits } from './breaker/family.ts';
import { createMember, type Member } from './breaker/member.ts';
import type { Transition } from './breaker/transitions.ts';
import { type Clock, systemClock } from './clock.ts';
import { ResilienceError } from './errors.ts';
import { type FleetTiming, StoreFleet } from './fleet/fleet.ts';
import { type Check, checkBreakers, checkStore } from './observe/check.ts';
import { type MetricFamily, metricsOf } from './observe/metrics.ts';
import { type BreakerSnapshot, snapshotOf } from './observe/snapshot.ts';
import { createTally } from './observe/tally.ts';
import { type BreakerOptions, checkName, rulesOf } from './options.ts';
import { createPipeline, type Pipeline, type PipelineOptions } from './policies/pipeline.ts';
import {
  createResource,
  type Resource,
  type ResourceOptions,
  type ResourceSnapshot,
} from './resource/resource.ts';
import type { AuditEntry, Store } from './store/store.ts';

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
  /** This process among its like; made up when absent. */
  readonly replica?: string | undefined;
  readonly timing?: Partial<FleetTiming> | undefined;
  /** For jitter. */
  readonly random?: (() => number) | undefined;
}

export type RegistryEvent =
  | ({ readonly type: 'transition' } & Transition)
  | { readonly type: 'store'; readonly up: boolean; readonly reason: string | undefined };

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
  /** To be made once and kept: its budget and bulkhead are its own. */
  pipeline(name: Names, options?: PipelineOptions): Pipeline;
  /** A breaker for memory and space: sheds and refuses by measured use, once started. */
  resource(name: string, options: ResourceOptions): Resource;
  snapshot(): readonly BreakerSnapshot[];
  resources(): readonly ResourceSnapshot[];
  /** Health contributors by name. An open breaker or a lost store degrades; neither makes a replica useless. */
  checks(): Readonly<Record<string, Check>>;
  metrics(): readonly MetricFamily[];
  /** Latest orders of the fleet, newest first. @throws ResilienceError STORE_DOWN */
  audit(count?: number): Promise<readonly AuditEntry[]>;
  /** Joins the fleet in the background. Never rejects; resolves once the store answered, or after a short wait. */
  start(): Promise<void>;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** What a registry holds. */
export interface Inventory {
  readonly options: RegistryOptions;
  readonly clock: Clock;
  readonly replica: string;
  readonly members: Map<string, Member>;
  readonly families: Map<string, { readonly family: Family; readonly tally: Member['tally'] }>;
  readonly pipelines: Pipeline[];
  readonly resources: Map<string, Resource>;
  readonly fleet: StoreFleet | undefined;
}

export const createRegistry = (options: RegistryOptions): Registry => {
  const clock = options.clock ?? systemClock;
  checkName(options.service);
  const replica = checkName(options.replica ?? randomBytes(4).toString('hex'));
  const inventory: Inventory = {
    options,
    clock,
    replica,
    members: new Map(),
    families: new Map(),
    pipelines: [],
    resources: new Map(),
    fleet: createFleet(options, clock, replica),
  };
  const { fleet, members, resources } = inventory;
  const registry: Registry<string> = {
    service: options.service,
    replica,
    define(definitions) {
      define(inventory, definitions);
      return registry as never;
    },
    get: (name) => find(members, name).breaker,
    find: (name) => members.get(name)?.breaker,
    names: () => [...members.keys()],
    family: (name, settings) => defineFamily(inventory, name, settings),
    pipeline(name, settings = {}) {
      const pipeline = createPipeline(find(members, name).breaker, { clock, ...settings });
      inventory.pipelines.push(pipeline);
      return pipeline;
    },
    resource: (name, settings) => defineResource(inventory, name, settings),
    snapshot() {
      const now = { nowMs: clock.nowMs(), wallMs: Date.now() };
      return [...members.values()].map((member) => snapshotOf(member, now));
    },
    resources: () => resourcesOf(resources),
    checks: () => ({
      ...checkStore(fleet),
      ...checkBreakers(members),
      ...Object.fromEntries([...resources].map(([name, one]) => [name, one.check()])),
    }),
    metrics: () => metricsOf(inventory),
    async audit(count = 100) {
      if (!fleet?.up) throw new ResilienceError('STORE_DOWN');
      return fleet
        .audit(count)
        .catch((cause) => Promise.reject(new ResilienceError('STORE_DOWN', { cause })));
    },
    async start() {
      for (const resource of resources.values()) resource.start();
      await fleet?.start();
    },
    async close() {
      for (const resource of resources.values()) resource.stop();
      await fleet?.close();
    },
    [Symbol.asyncDispose]: () => registry.close(),
  };
  return registry as unknown as Registry;
};

const createFleet = (options: RegistryOptions, clock: Clock, replica: string): StoreFleet | undefined => {
  const { service, store, timing, random, logger } = options;
  if (store === undefined) return undefined;
  return new StoreFleet({
    service,
    replica,
    store,
    clock,
    timing,
    random,
    onStore(up, reason) {
      if (up) logger?.info({}, 'breaker store reached');
      else logger?.warn({ reason }, 'breaker store lost: breakers decide by themselves');
      guarded(options, () => options.onEvent?.({ type: 'store', up, reason }));
    },
    onRulesDiffer: (breaker) => logger?.warn({ breaker }, 'replicas define this breaker differently'),
  });
};

const define = (inventory: Inventory, definitions: Readonly<Record<string, BreakerOptions>>): void => {
  const made = Object.entries(definitions).map(([name, settings]) => {
    takeName(inventory, name);
    return { name, settings, rules: rulesOf(name, settings) };
  });
  // All are checked before any is taken in.
  for (const { name, settings, rules } of made) {
    const shared = settings.scope === 'local' ? undefined : inventory.fleet;
    const member = createMember(name, settings, {
      ...memberDeps(inventory),
      tally: createTally(),
      rules,
      order: shared?.order(name),
    });
    inventory.members.set(name, member);
    shared?.join(name, member);
  }
};

const defineFamily = (
  inventory: Inventory,
  name: string,
  { max, idleMs, ...settings }: FamilyLimits & BreakerOptions,
): Family => {
  takeName(inventory, name);
  const shared = { ...memberDeps(inventory), rules: rulesOf(name, settings), tally: createTally() };
  const create = (key: string) => createMember(`${name}:${key}`, settings, shared).breaker;
  const family = createFamily(name, { max, idleMs, clock: inventory.clock, create });
  inventory.families.set(name, { family, tally: shared.tally });
  return family;
};

const defineResource = (inventory: Inventory, name: string, settings: ResourceOptions): Resource => {
  takeName(inventory, name);
  const { clock, options } = inventory;
  const resource = createResource(name, settings, {
    clock,
    onChange: (change) => options.logger?.warn({ resource: name, ...change }, 'resource level changed'),
  });
  inventory.resources.set(name, resource);
  return resource;
};

const takeName = ({ members, families, resources }: Inventory, name: string): void => {
  checkName(name);
  if (!members.has(name) && !families.has(name) && !resources.has(name)) return;
  throw new ResilienceError('BAD_OPTIONS', { message: `breaker '${name}' is defined twice` });
};

const resourcesOf = (resources: Inventory['resources']): readonly ResourceSnapshot[] =>
  [...resources.values()].map(({ name, level, readings }) => ({ name, level, readings: readings() }));

const memberDeps = ({ options, clock, replica }: Inventory) => ({
  clock,
  replica,
  onTransition(transition: Transition) {
    options.logger?.warn({ ...transition }, 'breaker changed');
    options.onEvent?.({ type: 'transition', ...transition });
  },
  onListenerError: (breaker: string, err: unknown) =>
    options.logger?.warn({ breaker, err }, 'a breaker listener failed'),
});

const guarded = ({ logger }: RegistryOptions, run: () => void): void => {
  try {
    run();
  } catch (err) {
    logger?.warn({ err }, 'a breaker listener failed');
  }
};

const find = (members: ReadonlyMap<string, Member>, name: string): Member => {
  const member = members.get(name);
  if (member === undefined) {
    throw new ResilienceError('UNKNOWN_BREAKER', { message: `no breaker is named '${name}'` });
  }
  return member;
};
