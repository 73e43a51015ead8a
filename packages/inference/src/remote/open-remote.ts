import type { Breaker } from '@xnai/resilience';
import type { EmbedPrefixes, ModelLog, ModelRole } from '../model.ts';
import type { RemoteModel } from '../server-address.ts';
import { ModelServer } from './model-server.ts';
import { REMOTE_LIMITS, type RemoteLimits } from './remote-limits.ts';
import { RemoteProcess } from './remote-process.ts';

export interface RemoteOptions extends RemoteModel {
  /** Gives each server its own, by a name that all replicas have for it. */
  readonly breakerOf: (server: string) => Breaker;
  readonly contextTokens: number;
  readonly embedPrefixes: Partial<EmbedPrefixes>;
  readonly log: ModelLog;
  readonly limits?: Partial<RemoteLimits> | undefined;
}

/** Connects to the servers of a role in the background. */
export function openRemote(role: ModelRole, options: RemoteOptions): RemoteProcess {
  const limits = { ...REMOTE_LIMITS, ...options.limits };
  const { servers, key, breakerOf, contextTokens, embedPrefixes, log } = options;
  return new RemoteProcess(role, (hooks) =>
    servers.map((address) => {
      const name = `${role}@${address.base.replace(/^https?:\/\//, '')}`;
      const breaker = () => breakerOf(name);
      return new ModelServer({
        role,
        address,
        key,
        limits,
        contextTokens,
        embedPrefixes,
        breaker,
        log,
        ...hooks,
      });
    }),
  );
}
