import { z } from 'zod';
import { ResilienceError } from '../errors.ts';
import type { Health } from '../health.ts';
import { parseOptions, share, timeMs } from '../options/parse.ts';
import type { Clock } from '../time/clock.ts';
import { createLevel, type ResourceLevel, worst } from './level.ts';
import type { ResourceSource } from './source.ts';

const resourceOptions = z
  .strictObject({
    sources: z.custom<readonly ResourceSource[]>(),
    /** From this share on, background work is shed. */
    shedAt: share.default(0.8),
    /** From this share on, heavy work is refused as well. */
    refuseAt: share.default(0.9),
    /** Back to ok only when no more than this is used for `holdMs` without a break. */
    clearAt: share.default(0.75),
    holdMs: z.number().min(0).default(10_000),
    pollMs: timeMs.default(1_000),
  })
  .refine(({ clearAt, shedAt }) => clearAt < shedAt, { path: ['shedAt'], message: 'must be over clearAt' })
  .refine(({ shedAt, refuseAt }) => shedAt <= refuseAt, {
    path: ['refuseAt'],
    message: 'must not be below shedAt',
  });

export type ResourceOptions = z.input<typeof resourceOptions>;

export interface SourceReading {
  readonly source: string;
  readonly level: ResourceLevel;
  readonly used: number | undefined;
  readonly detail: string;
}

/** A resource as an operator sees it. */
export interface ResourceSnapshot {
  readonly name: string;
  readonly level: ResourceLevel;
  readonly readings: readonly SourceReading[];
}

export interface LevelChange {
  readonly from: ResourceLevel;
  readonly to: ResourceLevel;
  readonly detail: string;
}

export type Resource = ReturnType<typeof createResource>;

/**
 * Sheds and refuses work by measured use. At `shed`, background work stops and budgets shrink; at `refuse`, new
 * heavy work is refused as well, while what is light goes on.
 */
export const createResource = (
  name: string,
  options: ResourceOptions,
  { clock, onChange }: { readonly clock: Clock; readonly onChange?: (change: LevelChange) => void },
) => {
  const { sources, pollMs, ...thresholds } = parseOptions(resourceOptions, `resource '${name}'`, options);
  const measured = sources.map((source) => ({ source, ...createLevel(thresholds, clock) }));
  let stop: (() => void) | undefined;
  let level: ResourceLevel = 'unknown';

  const readings = (): SourceReading[] =>
    measured.map(({ source, state }) => ({ source: source.name, ...state() }));
  const detail = () =>
    readings()
      .filter((one) => one.level === level)
      .map((one) => `${one.source} ${one.detail}`)
      .join(', ') || 'nothing could be measured';
  const sample = async () => {
    await Promise.all(
      measured.map(async ({ source, take }) => take(await source.read().catch(() => undefined))),
    );
    const from = level;
    level = worst(readings().map((one) => one.level));
    if (from !== level) onChange?.({ from, to: level, detail: detail() });
  };
  const loop = async () => {
    await sample();
    if (stop !== undefined) stop = clock.inBackground(pollMs, () => void loop());
  };

  return {
    name,
    get level(): ResourceLevel {
      return level;
    },
    /** What share of its usual budget a piece of work should take: 1, 0.5 or 0.25. */
    get budget(): number {
      return budgets[level];
    },
    readings,
    /** @throws {ResilienceError} RESOURCE_EXHAUSTED when the resource refuses this work, with the figure and `retryAfterMs`. */
    admit(work: 'background' | 'heavy'): void {
      if (level === 'refuse' || (level === 'shed' && work === 'background')) {
        const message = `${name} is nearly used up: ${detail()}`;
        throw new ResilienceError('RESOURCE_EXHAUSTED', { message, retryAfterMs: thresholds.holdMs });
      }
    },
    check: (): Health => ({ status: statuses[level], detail: detail() }),
    /** Reads all sources once. */
    sample,
    start(): void {
      if (stop !== undefined) return;
      stop = () => {};
      void loop();
    },
    stop(): void {
      stop?.();
      stop = undefined;
    },
  };
};

const budgets: Readonly<Record<ResourceLevel, number>> = { ok: 1, unknown: 1, shed: 0.5, refuse: 0.25 };
const statuses: Readonly<Record<ResourceLevel, Health['status']>> = {
  ok: 'ok',
  unknown: 'absent',
  shed: 'degraded',
  refuse: 'degraded',
};
