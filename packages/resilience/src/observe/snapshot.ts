import type { Member } from '../breaker/member.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { BreakerState } from '../gate/change.ts';
import type { Check } from '../health.ts';
import type { ForcedView } from '../store/view.ts';

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

export const snapshotOf = (
  { breaker, gate }: Member,
  { nowMs, wallMs }: { readonly nowMs: number; readonly wallMs: number },
): BreakerSnapshot => {
  const { circuit } = gate;
  const counts = gate.counts();
  const opened = circuit.state !== 'closed' || circuit.forced !== undefined;
  return {
    name: breaker.name,
    state: gate.state,
    generation: gate.generation,
    scope: gate.link?.up ? 'shared' : 'local',
    retryAfterMs: Math.ceil(gate.retryAfterMs),
    failures: counts.failures,
    calls: counts.calls,
    openedAt: opened ? new Date(wallMs - (nowMs - circuit.changedAtMs)).toISOString() : undefined,
    openedBy: opened ? circuit.changedBy : undefined,
    cause: opened ? circuit.cause : undefined,
    viewAgeMs: gate.shared && Math.round(nowMs - gate.shared.receivedAtMs),
    forced: circuit.forced && {
      by: circuit.forced.by,
      reason: circuit.forced.reason,
      remainingMs:
        circuit.forced.untilMs === undefined ? undefined : Math.max(0, circuit.forced.untilMs - nowMs),
    },
  };
};

export const checkStore = (fleet: Fleet | undefined): Check => {
  if (fleet === undefined) return { status: 'absent', detail: 'breakers are local to this replica' };
  const { live } = fleet.presence;
  if (!fleet.up) return { status: 'down', detail: `breakers are local to this replica: ${fleet.reason}` };
  return {
    status: 'ok',
    detail: live === 1 ? 'no other replica is there' : `${live} replicas share breakers`,
  };
};

export const checkBreakers = (members: ReadonlyMap<string, Member>): Check => {
  if (members.size === 0) return { status: 'absent', detail: 'no breaker is defined' };
  const refusing = [...members.values()].filter(({ gate }) => gate.state !== 'closed');
  if (refusing.length === 0) return { status: 'ok', detail: `${members.size} closed` };
  const detail = refusing.map(({ breaker, gate }) => `${breaker.name} ${gate.state}`).join(', ');
  return { status: 'degraded', detail };
};
