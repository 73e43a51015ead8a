import { connectRedis as connect } from '@xnai/resilience';
import type { Redis } from 'ioredis';

/** Reconnects without end, so that a service that starts before its Redis is connected within two seconds of its start. */
const COMMON = {
  retryStrategy: (attempt: number) => Math.min(attempt * 100, 1000),
  connectTimeout: 2000,
  // Both need rights that the crawler's user does not have.
  enableReadyCheck: false,
  disableClientInfo: true,
};

/** A command fails at once while Redis is away, and its caller decides whether to wait. */
export function connectRedis(url: string, connectionName: string, commandTimeoutMs: number): Redis {
  const failFast = { enableOfflineQueue: false, maxRetriesPerRequest: 0, commandTimeout: commandTimeoutMs };
  return connect(url, { ...COMMON, ...failFast, connectionName });
}

/** For BullMQ's worker, whose commands block on Redis and wait while it is away. */
export function connectForBlocking(url: string, connectionName: string): Redis {
  return connect(url, { ...COMMON, connectionName, maxRetriesPerRequest: null });
}
