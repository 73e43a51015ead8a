export { Breaker } from './breaker/breaker.ts';
export type { Call, ExecuteOptions } from './breaker/call.ts';
export type { Family } from './breaker/family.ts';
export type { Permit } from './breaker/permit.ts';
export type { Command, Reply } from './circuit/command.ts';
export type { CircuitRules } from './circuit/rules.ts';
export {
  BreakerOpenError,
  BulkheadError,
  DeadlineError,
  type ErrorCode,
  ResilienceError,
} from './errors.ts';
export type { BreakerScope, BreakerState, Transition } from './gate/change.ts';
export type { Order, OrderResult } from './gate/order.ts';
export type { BreakerSnapshot } from './gate/snapshot.ts';
export type { Health } from './health.ts';
export type { MetricFamily, Sample } from './observe/metrics.ts';
export type { BreakerOptions, Classify, Outcome, Verdict } from './options/breaker-options.ts';
export type { Logger, RegistryOptions } from './options/registry-options.ts';
export { type Bulkhead, createLimiter } from './policies/bulkhead.ts';
export type { Pipeline, PipelineOptions } from './policies/pipeline.ts';
export { createRetryBudget, type RetryBudget } from './policies/retry-budget.ts';
export { connectRedis, fastFailing } from './redis/connection.ts';
export { connectionFaultOf } from './redis/connection-fault.ts';
export { faultOf } from './redis/fault.ts';
export { createRedisStore, type RedisStoreOptions } from './redis/redis-store.ts';
export { type ParsedRedisUrl, parseRedisUrl } from './redis/redis-url.ts';
export { createRegistry, type Registry } from './registry.ts';
export { groupFolders, memoryGroups } from './resource/control-groups.ts';
export type { ResourceLevel } from './resource/level.ts';
export { openRedisMemory } from './resource/redis-memory.ts';
export type { Resource, ResourceOptions, ResourceSnapshot } from './resource/resource.ts';
export type { Reading, ResourceSource } from './resource/source.ts';
export { cgroupMemory, memoryPressure, redisMemory, tmpfs } from './resource/sources.ts';
export type { Answer, AuditEntry, BreakerStore, StoredBreaker, StoreEvents } from './store/store.ts';
export type { View } from './store/view.ts';
export type { Clock } from './time/clock.ts';
export {
  DEADLINE_HEADER,
  type Deadline,
  deadlineFromHeader,
  deadlineIn,
  fromJobData,
  type JobDeadline,
  toJobData,
} from './time/deadline.ts';
export { startTimeLimit, type TimeLimit, type TimeLimitOptions, withTimeLimit } from './time/time-limit.ts';
