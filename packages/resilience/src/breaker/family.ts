import type { Clock } from '../time/clock.ts';
import type { Breaker } from './breaker.ts';

/** Breakers made on demand, one per key: a host, a tenant. Local to the replica, and bounded in number. */
export interface Family {
  readonly name: string;
  readonly size: number;
  get(key: string): Breaker;
  /** The breakers there are, without making one. */
  entries(): IterableIterator<[string, Breaker]>;
}

export interface FamilyLimits {
  /** At most so many; the one unused longest goes first, an open one only when all are open. */
  readonly max: number;
  /** A breaker unused for so long is forgotten, unless it is open. */
  readonly idleMs: number;
}

export const createFamily = (
  name: string,
  {
    max,
    idleMs,
    clock,
    create,
  }: FamilyLimits & { readonly clock: Clock; readonly create: (key: string) => Breaker },
): Family => {
  // A Map keeps insertion order: the least recently used comes first.
  const members = new Map<string, { readonly breaker: Breaker; usedAtMs: number }>();

  const evict = (nowMs: number, used: string) => {
    let looked = 0;
    for (const [key, { breaker, usedAtMs }] of members) {
      const crowded = members.size > max;
      if (!crowded && nowMs - usedAtMs < idleMs) return;
      if (breaker.state === 'closed' && key !== used) members.delete(key);
      if (++looked >= lookedAtOnce) break;
    }
    if (members.size > max) members.delete(members.keys().next().value as string);
  };

  return {
    name,
    get size() {
      return members.size;
    },
    get(key) {
      const nowMs = clock.nowMs();
      const member = members.get(key) ?? { breaker: create(key), usedAtMs: nowMs };
      members.delete(key);
      member.usedAtMs = nowMs;
      members.set(key, member);
      evict(nowMs, key);
      return member.breaker;
    },
    *entries() {
      for (const [key, { breaker }] of members) yield [key, breaker] as [string, Breaker];
    },
  };
};

/** Bounds the work of one call when many breakers are open. */
const lookedAtOnce = 16;
