import type { BreakerOptions } from '../../src/index.ts';
import { type AskedProcess, forkAsked } from './asked-process.ts';

export type Ask =
  | {
      readonly do: 'start';
      readonly url: string;
      readonly replica: string;
      readonly options: BreakerOptions;
      readonly skewMs?: number;
      readonly pollMs?: number;
    }
  | { readonly do: 'state' }
  | { readonly do: 'skew'; readonly skewMs: number }
  | { readonly do: 'storm'; readonly callers: number; readonly holdMs: number; readonly fail: boolean }
  | { readonly do: 'count'; readonly calls: number; readonly failEvery: number }
  | { readonly do: 'watch'; readonly for: string }
  | { readonly do: 'stop' };

export interface Told {
  readonly state?: string;
  readonly scope?: string;
  readonly retryAfterMs?: number;
  readonly generation?: number;
  readonly live?: string;
  readonly entered?: number;
  readonly rejected?: number;
  readonly slowestRejectionMs?: number;
}

export type ReplicaProcess = AskedProcess<Ask, Told>;

/** As many replicas as wanted, each a process, all stopped at the end of the scope. */
export const forkReplicas = async (
  count: number,
  {
    url,
    options,
    skewMs,
    pollMs = 1_000,
  }: {
    readonly url: string;
    readonly options: BreakerOptions;
    readonly skewMs?: (i: number) => number;
    readonly pollMs?: number;
  },
): Promise<{ readonly all: readonly ReplicaProcess[] } & AsyncDisposable> => {
  const all = Array.from({ length: count }, () =>
    forkAsked<Ask, Told>(new URL('./replica-child.ts', import.meta.url)),
  );
  await Promise.all(
    all.map((one, i) =>
      one.ask({ do: 'start', url, replica: `r${i}`, options, skewMs: skewMs?.(i) ?? 0, pollMs }),
    ),
  );
  return {
    all,
    async [Symbol.asyncDispose]() {
      await Promise.all(all.map((one) => one.kill()));
    },
  };
};
