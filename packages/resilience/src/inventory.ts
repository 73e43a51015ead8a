import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { createFamily, type Family, type MemberFamily } from './breaker/family.ts';
import { createMember, type Member } from './breaker/member.ts';
import { ResilienceError } from './errors.ts';
import { Fleet } from './fleet/fleet.ts';
import type { Transition } from './gate/change.ts';
import { createTally } from './gate/tally.ts';
import { type BreakerOptions, rulesOf } from './options/breaker-options.ts';
import { breakerName, count, parseOptions, timeMs } from './options/parse.ts';
import {
  type CheckedRegistryOptions,
  type RegistryOptions,
  registryOptions,
} from './options/registry-options.ts';
import type { Pipeline } from './policies/pipeline.ts';
import { createResource, type Resource, type ResourceOptions } from './resource/resource.ts';
import { type Clock, systemClock } from './time/clock.ts';

/** What a registry holds. */
export interface Inventory {
  readonly options: CheckedRegistryOptions;
  readonly clock: Clock;
  readonly replica: string;
  readonly members: Map<string, Member>;
  readonly families: Map<string, { readonly family: MemberFamily; readonly tally: Member['tally'] }>;
  readonly pipelines: Pipeline[];
  readonly resources: Map<string, Resource>;
  readonly fleet: Fleet | undefined;
}

const familyLimits = z.object({
  /** The most breakers that are kept. The closed one that was unused for longest makes room for a new one. */
  max: count(1e6),
  /** A breaker that was unused for this long is forgotten, unless it is held open. */
  idleMs: timeMs,
});

/** A family is local to its replica unless its scope is `shared`. */
export type FamilyOptions = z.input<typeof familyLimits> & Omit<BreakerOptions, 'quorum'>;

export const createInventory = (given: RegistryOptions): Inventory => {
  const options = parseOptions(registryOptions, `registry '${given.service}'`, given);
  const { clock = systemClock } = options;
  // What a process told the store before it was restarted is not taken for what it tells now.
  const replica = [options.replica, randomBytes(4).toString('hex')].filter(Boolean).join('.');
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
    const member = createMember(name, settings, { ...memberDeps(inventory), tally: createTally(), rules });
    inventory.members.set(name, member);
    if (settings.scope !== 'local') inventory.fleet?.join(name, member);
  }
};

export const defineFamily = (
  inventory: Inventory,
  name: string,
  { max, idleMs, ...settings }: FamilyOptions,
): Family => {
  takeName(inventory, name);
  const limits = parseOptions(familyLimits, `family '${name}'`, { max, idleMs });
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
        else if (family.peek(key) === member) fleet.joinMember(breaker, member, target);
        deps.onTransition(transition);
      },
      order: (action, order) => fleet.orderMember(breaker, member, target)(action, order),
    });
    return member;
  };
  const family = createFamily({ ...limits, clock: inventory.clock, create });
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

export const findMember = (members: ReadonlyMap<string, Member>, name: string): Member => {
  const member = members.get(name);
  if (member === undefined) {
    throw new ResilienceError('UNKNOWN_BREAKER', { message: `no breaker is named '${name}'` });
  }
  return member;
};

const createFleet = (options: CheckedRegistryOptions, clock: Clock, replica: string): Fleet | undefined => {
  const { store, logger } = options;
  if (store === undefined) return undefined;
  const onStore = (up: boolean, reason: string | undefined) =>
    guarded(options, () => {
      if (up) logger?.info({}, 'breaker store reached');
      else logger?.warn({ reason }, 'breaker store away: breakers decide by themselves');
    });
  return new Fleet({ ...options, store, clock, replica, onStore });
};

const takeName = ({ members, families, resources }: Inventory, name: string): void => {
  parseOptions(breakerName, `breaker '${name}'`, name);
  if (!members.has(name) && !families.has(name) && !resources.has(name)) return;
  throw new ResilienceError('BAD_OPTIONS', { message: `breaker '${name}' is defined twice` });
};

const memberDeps = ({ options, clock, replica }: Inventory) => ({
  clock,
  replica,
  onTransition: (transition: Transition) =>
    guarded(options, () => {
      options.logger?.warn({ ...transition }, 'breaker changed');
      options.onTransition?.(transition);
    }),
  onListenerError: (breaker: string, err: unknown) =>
    guarded(options, () => options.logger?.warn({ breaker, err }, 'a breaker listener failed')),
});

/** What listens is no part of what is listened to: neither it nor the logger can stop a breaker. */
const guarded = ({ logger }: CheckedRegistryOptions, run: () => void): void => {
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
