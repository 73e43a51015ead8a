export {
  Breaker,
  type Call,
  type ExecuteOptions,
  type Order,
  type OrderResult,
  type Permit,
} from './breaker.ts';
export type { Check } from './check.ts';
export { type Clock, systemClock } from './clock.ts';
export {
  type Deadline,
  deadlineFromHeader,
  deadlineHeader,
  deadlineIn,
  fromJobData,
  headersOf,
  toJobData,
} from './deadline.ts';
export {
  BreakerOpenError,
  BulkheadError,
  DeadlineError,
  type ErrorCode,
  errorTable,
  ResilienceError,
} from './errors.ts';
export type { Family, FamilyLimits } from './family.ts';
export type { BreakerState, Scope } from './gate.ts';
export { type MetricFamily, renderPrometheus, type Sample } from './metrics.ts';
export type {
  BreakerOptions,
  Classify,
  Outcome,
  ProbeOptions,
  QuorumOptions,
  RateOptions,
  Verdict,
  WindowOptions,
} from './options.ts';
export type { Bulkhead, BulkheadOptions } from './policies/bulkhead.ts';
export type { Pipeline, PipelineCall, PipelineContext, PipelineOptions } from './policies/pipeline.ts';
export { isRetryable, type RetryOptions } from './policies/retry.ts';
export type { RetryBudget, RetryBudgetOptions } from './policies/retry-budget.ts';
export { type Problem, problemOf } from './problem.ts';
export { fastFailing } from './redis/connection.ts';
export { createRedisStore, type RedisStoreOptions } from './redis-store.ts';
export {
  createRegistry,
  type Logger,
  type Registry,
  type RegistryEvent,
  type RegistryOptions,
} from './registry.ts';
export type { Level } from './resource/level.ts';
export { openRedisMemory } from './resource/redis-memory.ts';
export type {
  Reading,
  Resource,
  ResourceOptions,
  ResourceSnapshot,
  ResourceSource,
} from './resource/resource.ts';
export { cgroupMemory, filesystem, memoryPressure, redisMemory, tmpfs } from './resource/sources.ts';
export type { BreakerSnapshot } from './snapshot.ts';
export type { AuditEntry, Store, StoreEvents, Target } from './store.ts';
export type { Transition } from './transitions.ts';
export type { View } from './view.ts';
