import { type ForcedView, forcedViewOf } from '../store/view.ts';
import type { Clock } from '../time/clock.ts';
import type { BreakerState } from './change.ts';
import type { Gate } from './gate.ts';

/** One breaker as an operator sees it. */
export interface BreakerSnapshot {
  readonly name: string;
  readonly state: BreakerState;
  readonly generation: number;
  /** Who decides now: the fleet, or this replica alone. */
  readonly scope: 'local' | 'shared';
  readonly retryAfterMs: number;
  readonly failures: number;
  readonly calls: number;
  readonly openedAt?: string | undefined;
  readonly openedBy?: string | undefined;
  readonly cause?: string | undefined;
  /** Age of the shared view; absent for a local breaker, or before the first view. */
  readonly viewAgeMs?: number | undefined;
  readonly forced?: ForcedView | undefined;
}

export const snapshotOf = (name: string, gate: Gate, clock: Clock): BreakerSnapshot => {
  const nowMs = clock.nowMs();
  const { circuit } = gate;
  const counts = gate.counts();
  const opened = circuit.state !== 'closed' || circuit.forced !== undefined;
  return {
    name,
    state: gate.state,
    generation: gate.generation,
    scope: gate.link?.up ? 'shared' : 'local',
    retryAfterMs: Math.ceil(gate.retryAfterMs),
    failures: counts.failures,
    calls: counts.calls,
    openedAt: opened ? new Date(Date.now() - (nowMs - circuit.changedAtMs)).toISOString() : undefined,
    openedBy: opened ? circuit.changedBy : undefined,
    cause: opened ? circuit.cause : undefined,
    viewAgeMs: gate.shared && Math.round(nowMs - gate.shared.receivedAtMs),
    forced: forcedViewOf(circuit.forced, nowMs),
  };
};
