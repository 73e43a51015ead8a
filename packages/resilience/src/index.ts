export {
  Breaker,
  type Call,
  type ExecuteOptions,
  type Order,
  type OrderResult,
  type Permit,
} from './breaker.ts';
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
export {
  type Check,
  createRegistry,
  type Logger,
  type Registry,
  type RegistryEvent,
  type RegistryOptions,
} from './registry.ts';
export type { BreakerSnapshot } from './snapshot.ts';
export type { Transition } from './transitions.ts';
