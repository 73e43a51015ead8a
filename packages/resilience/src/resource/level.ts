import type { Clock } from '../time/clock.ts';
import type { Reading } from './source.ts';

export type ResourceLevel = 'ok' | 'shed' | 'refuse' | 'unknown';

interface Thresholds {
  readonly shedAt: number;
  readonly refuseAt: number;
  readonly clearAt: number;
  readonly holdMs: number;
}

/** One source's level: it rises at once and falls late, so that it does not flap about a threshold. */
export const createLevel = ({ shedAt, refuseAt, clearAt, holdMs }: Thresholds, clock: Clock) => {
  let level: ResourceLevel = 'unknown';
  let last: Reading | undefined;
  let calmSinceMs: number | undefined;
  let knownAtMs = clock.nowMs();

  const forget = () => {
    level = 'unknown';
    last = undefined;
  };
  const rise = (used: number): ResourceLevel =>
    used >= refuseAt ? 'refuse' : used >= shedAt ? 'shed' : 'ok';

  return {
    state: () => ({ level, used: last?.used, detail: last?.detail ?? 'unknown' }),
    take(reading: Reading | undefined): void {
      const nowMs = clock.nowMs();
      if (reading === undefined || Number.isNaN(reading.used)) {
        // One reading that failed clears nothing; a source that is gone says nothing any more.
        if (nowMs - knownAtMs >= holdMs || last === undefined) forget();
        return;
      }
      knownAtMs = nowMs;
      last = reading;
      calmSinceMs = reading.used <= clearAt ? (calmSinceMs ?? nowMs) : undefined;
      const held = calmSinceMs === undefined || nowMs - calmSinceMs < holdMs;
      level = held ? worst([level, rise(reading.used)]) : 'ok';
    },
  };
};

/** A known level counts for more than an unknown one; among the known, the worst. */
export const worst = (levels: readonly ResourceLevel[]): ResourceLevel =>
  levels.reduce<ResourceLevel>((a, b) => (rank[b] > rank[a] ? b : a), 'unknown');

const rank: Readonly<Record<ResourceLevel, number>> = { unknown: 0, ok: 1, shed: 2, refuse: 3 };
