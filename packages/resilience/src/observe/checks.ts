import type { Member } from '../breaker/member.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Health } from '../health.ts';

export const checkStore = (fleet: Fleet | undefined): Health => {
  if (fleet === undefined) return { status: 'absent', detail: 'breakers are local to this replica' };
  const { up, reason, live } = fleet.exchange;
  if (!up) return { status: 'down', detail: `breakers are local to this replica: ${reason}` };
  return {
    status: 'ok',
    detail: live === 1 ? 'no other replica is there' : `${live} replicas share breakers`,
  };
};

export const checkBreakers = (members: ReadonlyMap<string, Member>): Health => {
  if (members.size === 0) return { status: 'absent', detail: 'no breaker is defined' };
  const refusing = [...members.values()].filter(({ gate }) => gate.state !== 'closed');
  if (refusing.length === 0) return { status: 'ok', detail: `${members.size} closed` };
  const detail = refusing.map(({ breaker, gate }) => `${breaker.name} ${gate.state}`).join(', ');
  return { status: 'degraded', detail };
};
