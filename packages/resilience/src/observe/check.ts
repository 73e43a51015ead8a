import type { Member } from '../breaker/member.ts';
import type { Fleet } from '../fleet/fleet.ts';

/** What a part says of its health. */
export interface Check {
  readonly status: 'ok' | 'degraded' | 'down' | 'absent';
  readonly detail: string;
}

export const checkStore = (fleet: Fleet | undefined): Record<string, Check> => {
  if (fleet === undefined)
    return { redis: { status: 'absent', detail: 'breakers are local to this replica' } };
  const { live } = fleet.presence;
  if (fleet.up)
    return {
      redis: {
        status: 'ok',
        detail: live === 1 ? 'no other replica is there' : `${live} replicas share breakers`,
      },
    };
  return { redis: { status: 'down', detail: `breakers are local to this replica: ${fleet.reason}` } };
};

export const checkBreakers = (members: ReadonlyMap<string, Member>): Record<string, Check> => {
  if (members.size === 0) return { breakers: { status: 'absent', detail: 'no breaker is defined' } };
  const refusing = [...members.values()].filter(({ gate }) => gate.state !== 'closed');
  if (refusing.length === 0) return { breakers: { status: 'ok', detail: `${members.size} closed` } };
  const detail = refusing.map(({ breaker, gate }) => `${breaker.name} ${gate.state}`).join(', ');
  return { breakers: { status: 'degraded', detail } };
};
