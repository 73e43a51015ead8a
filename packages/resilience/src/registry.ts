import type { Breaker } from './breaker/breaker.ts';
import type { Family } from './breaker/family.ts';
import { ResilienceError } from './errors.ts';
import type { BreakerSnapshot } from './gate/snapshot.ts';
import type { Health } from './health.ts';
import {
  createInventory,
  define,
  defineFamily,
  defineResource,
  type FamilyOptions,
  findMember,
} from './inventory.ts';
import { checkBreakers, checkStore } from './observe/checks.ts';
import { type MetricFamily, metricsOf } from './observe/metrics.ts';
import type { BreakerOptions } from './options/breaker-options.ts';
import type { RegistryOptions } from './options/registry-options.ts';
import { createPipeline, type Pipeline, type PipelineOptions } from './policies/pipeline.ts';
import type { Resource, ResourceOptions, ResourceSnapshot } from './resource/resource.ts';
import type { AuditEntry } from './store/store.ts';

/** All breakers of a process. Making it does no I/O and cannot fail but for options that make no sense. */
export interface Registry<Names extends string = never> {
  /** @throws {ResilienceError} BAD_OPTIONS when a name is taken or an option makes no sense */
  define<const D extends Readonly<Record<string, BreakerOptions>>>(
    definitions: D,
  ): Registry<Names | (keyof D & string)>;
  get(name: Names): Breaker;
  /** For names that come from outside: a breaker, or a member of a family that is not closed. */
  find(name: string): Breaker | undefined;
  family(name: string, options: FamilyOptions): Family;
  /** To be made once and kept: its budget and bulkhead are its own. */
  pipeline(name: Names, options?: PipelineOptions): Pipeline;
  /** A breaker for memory and space: sheds and refuses by measured use, once started. */
  resource(name: string, options: ResourceOptions): Resource;
  snapshot(): readonly BreakerSnapshot[];
  /** Members of families that are not closed. Of a shared family, those that any replica has opened. */
  openMembers(): readonly BreakerSnapshot[];
  resources(): readonly ResourceSnapshot[];
  /** Health contributors by name. An open breaker or a lost store degrades; neither makes a replica useless. */
  checks(): Readonly<Record<string, Health>>;
  metrics(): readonly MetricFamily[];
  /** Latest orders of the fleet, newest first. @throws {ResilienceError} STORE_DOWN when the store does not answer */
  audit(count?: number): Promise<readonly AuditEntry[]>;
  /** Joins the fleet in the background. Never rejects; resolves once the store answered, or after a short wait. */
  start(): Promise<void>;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export const createRegistry = (options: RegistryOptions): Registry => {
  const inventory = createInventory(options);
  const { clock, families, fleet, members, resources } = inventory;
  const openMembers = () =>
    [...families.values()].flatMap(({ family }) => family.open().map(({ breaker }) => breaker));
  const registry: Registry<string> = {
    define(definitions) {
      define(inventory, definitions);
      return registry as never;
    },
    get: (name) => findMember(members, name).breaker,
    find: (name) => members.get(name)?.breaker ?? openMembers().find((one) => one.name === name),
    family: (name, settings) => defineFamily(inventory, name, settings),
    pipeline(name, settings = {}) {
      const pipeline = createPipeline(findMember(members, name).breaker, settings, clock);
      inventory.pipelines.push(pipeline);
      return pipeline;
    },
    resource: (name, settings) => defineResource(inventory, name, settings),
    snapshot: () => [...members.values()].map(({ breaker }) => breaker.snapshot()),
    openMembers: () => openMembers().map((breaker) => breaker.snapshot()),
    resources: () =>
      [...resources.values()].map(({ name, level, readings }) => ({ name, level, readings: readings() })),
    checks: () => ({
      redis: checkStore(fleet),
      breakers: checkBreakers(members),
      ...Object.fromEntries([...resources].map(([name, one]) => [name, one.check()])),
    }),
    metrics: () => metricsOf(inventory),
    async audit(count = 100) {
      if (!fleet?.exchange.up) throw new ResilienceError('STORE_DOWN');
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
