import { randomBytes } from 'node:crypto';
import { createFamily, type Family, type FamilyLimits, type MemberFamily } from './breaker/family.ts';
import { createMember, type Member } from './breaker/member.ts';
import { checkName, checksOf, longestMs } from './checks.ts';
import { ResilienceError } from './errors.ts';
import { Fleet } from './fleet/fleet.ts';
import type { Transition } from './gate/change.ts';
import { createTally } from './gate/tally.ts';
import type { BreakerOptions } from './options/options.ts';
import { defaultTiming, type RegistryOptions } from './options/registry-options.ts';
import { rulesOf } from './options/rules-of.ts';
import type { Pipeline } from './policies/pipeline.ts';
import { createResource, type Resource, type ResourceOptions } from './resource/resource.ts';
import { type Clock, systemClock } from './time/clock.ts';

/** What a registry holds. */
export interface Inventory {
  readonly options: RegistryOptions;
  readonly clock: Clock;
  readonly replica: string;
  readonly members: Map<string, Member>;
  readonly families: Map<string, { readonly family: MemberFamily; readonly tally: Member['tally'] }>;
  readonly pipelines: Pipeline[];
  readonly resources: Map<string, Resource>;
  readonly fleet: Fleet | undefined;
}

/** A family is local to its replica unless its scope is `shared`. */
export type FamilyOptions = FamilyLimits & Omit<BreakerOptions, 'quorum'>;

export const createInventory = (options: RegistryOptions): Inventory => {
  const clock = options.clock ?? systemClock;
  checkName(options.service);
  checkTiming(options);
  // What a process told the store before it was restarted is not taken for what it tells now.
  const life = randomBytes(4).toString('hex');
  const replica = options.replica === undefined ? life : `${checkName(options.replica)}.${life}`;
  return {
    options,
    clock,
    replica,
    members: new Map(),
    families: new Map(),
    pipelines: [],
    resources: new Map(),
    fleet: createFleet(options, clock, replica),
  };
};

export const define = (inventory: Inventory, definitions: Readonly<Record<string, BreakerOptions>>): void => {
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

export const defineFamily = (
  inventory: Inventory,
  name: string,
  { max, idleMs, ...settings }: FamilyOptions,
): Family => {
  takeName(inventory, name);
  const check = checksOf(`family '${name}'`);
  check.count('max', max, { max: 1e6 });
  check.ms('idleMs', idleMs);
  const fleet = settings.scope === 'shared' ? inventory.fleet : undefined;
  // One replica is enough to open a member for all: it is seldom that two call the same key.
  const rules = rulesOf(name, { ...settings, quorum: { replicas: 1 } });
  const deps = { ...memberDeps(inventory), rules, tally: createTally() };
  const target = { service: inventory.options.service, name, max: Math.min(max, maxSharedMembers) };
  const create = (key: string): Member => {
    const breaker = `${name}:${key}`;
    if (fleet === undefined) return createMember(breaker, settings, deps);
    const member: Member = createMember(breaker, settings, {
      ...deps,
      onTransition(transition) {
        if (transition.to === 'closed') fleet.leave(breaker, member);
        else if (family.isKept(key, member)) fleet.joinMember(breaker, member, target);
        deps.onTransition(transition);
      },
      order: (action, order) => fleet.orderMember(breaker, member, target)(action, order),
    });
    return member;
  };
  const family = createFamily(name, { max, idleMs, clock: inventory.clock, create });
  fleet?.joinFamily({ target, adopt: family.adopt, release: family.release });
  inventory.families.set(name, { family, tally: deps.tally });
  return family;
};

/** Each replica asks for every open member once per poll: the more there are, the less sharing them is worth. */
const maxSharedMembers = 1_000;

export const defineResource = (inventory: Inventory, name: string, settings: ResourceOptions): Resource => {
  takeName(inventory, name);
  const { clock, options } = inventory;
  const resource = createResource(name, settings, {
    clock,
    onChange: (change) =>
      guarded(options, () => {
        const level = change.to === 'ok' ? 'info' : 'warn';
        options.logger?.[level]({ resource: name, ...change }, 'resource level changed');
      }),
  });
  inventory.resources.set(name, resource);
  return resource;
};

export const find = (members: ReadonlyMap<string, Member>, name: string): Member => {
  const member = members.get(name);
  if (member === undefined) {
    throw new ResilienceError('UNKNOWN_BREAKER', { message: `no breaker is named '${name}'` });
  }
  return member;
};

const checkTiming = ({ service, timing = {} }: RegistryOptions): void => {
  const check = checksOf(`registry '${service}'`);
  check.known('timing.', timing, Object.keys(defaultTiming));
  for (const [name, ms] of Object.entries(timing)) check.between(`timing.${name}`, ms, 1, longestMs);
};

const createFleet = (options: RegistryOptions, clock: Clock, replica: string): Fleet | undefined => {
  const { service, store, timing, random, logger } = options;
  if (store === undefined) return undefined;
  return new Fleet({
    service,
    replica,
    store,
    clock,
    timing,
    random,
    onStore: (up, reason) =>
      guarded(options, () => {
        if (up) logger?.info({}, 'breaker store reached');
        else logger?.warn({ reason }, 'breaker store away: breakers decide by themselves');
        options.onEvent?.({ type: 'store', up, reason });
      }),
    onRulesDiffer: ({ target: { breaker } }) =>
      guarded(options, () => logger?.warn({ breaker }, 'replicas define this breaker differently')),
  });
};

const takeName = ({ members, families, resources }: Inventory, name: string): void => {
  checkName(name);
  if (!members.has(name) && !families.has(name) && !resources.has(name)) return;
  throw new ResilienceError('BAD_OPTIONS', { message: `breaker '${name}' is defined twice` });
};

const memberDeps = ({ options, clock, replica }: Inventory) => ({
  clock,
  replica,
  onTransition: (transition: Transition) =>
    guarded(options, () => {
      options.logger?.warn({ ...transition }, 'breaker changed');
      options.onEvent?.({ type: 'transition', ...transition });
    }),
  onListenerError: (breaker: string, err: unknown) =>
    guarded(options, () => options.logger?.warn({ breaker, err }, 'a breaker listener failed')),
});

/** What listens is no part of what is listened to: neither it nor the logger can stop a breaker. */
const guarded = ({ logger }: RegistryOptions, run: () => void): void => {
  try {
    run();
  } catch (err) {
    try {
      logger?.warn({ err }, 'a breaker listener failed');
    } catch {
      // The logger itself has failed.
    }
  }
};
