export {
  type CreateKeyOptions,
  createKey,
  ensureFirstKey,
  type FirstKey,
  generateKey,
  isStackKeyName,
  type KeyInfo,
  listKeys,
  type NewKey,
  revokeKey,
  stackKeyName,
} from './api-keys.ts';
export { type CreateAppOptions, createApp } from './app.ts';
export type { App } from './app-type.ts';
export type { Act, AuditLog, AuditState } from './audit-log.ts';
export { addBreakers, breakerChecks } from './breakers.ts';
export { commonEnv, rateLimitsOf, stopTimesOf, writerOf } from './common-env.ts';
export { ConfigError, type Env, readConfig, settingsOf } from './config.ts';
export { env } from './env.ts';
export { answerError, logOwnFault } from './error-handler.ts';
export { type EventStream, type EventStreamOptions, streamData, streamEvents } from './event-stream.ts';
export type { Check, CheckOutcome } from './health.ts';
export { limitJsonBody } from './json-body.ts';
export { KeyFileError } from './key-file.ts';
export { type KeyRing, openKeyRing } from './key-ring.ts';
export { type CreateLoggerOptions, createLogger, type Logger, type LogLevel } from './logger.ts';
export { memorySources } from './memory-sources.ts';
export { toProblem, toServiceError } from './problem.ts';
export type { RateLimits } from './rate-limit.ts';
export { runMain } from './run-main.ts';
export { type RunServiceOptions, runService } from './run-service.ts';
export { isScope, SCOPES, type Scope } from './scopes.ts';
export { type FieldError, ServiceError, type ServiceErrorOptions } from './service-error.ts';
export { openSharedBudget, SHARED_BUDGET_BREAKER, type SharedBudget } from './shared-budget.ts';
export type { Closeable } from './stop.ts';
export { startTracing, type Tracing } from './trace/start-tracing.ts';
export { validateFields } from './validation.ts';
