import type { Clock } from '../time/clock.ts';
import type { Breaker } from './breaker.ts';
import type { Member } from './member.ts';

/** Breakers made on demand, one per key: a host, a tenant. Bounded in number. */
export interface Family {
  /** While every place is taken by a breaker that is not closed, a new key gets one that is not kept. */
  get(key: string): Breaker;
}

interface FamilyDeps {
  readonly max: number;
  readonly idleMs: number;
  readonly clock: Clock;
  readonly create: (key: string) => Member;
}

/** A family as its registry sees it. */
export type MemberFamily = ReturnType<typeof createFamily>;

interface Kept {
  readonly member: Member;
  /** Undefined for one that only other replicas have used. */
  usedAtMs: number | undefined;
}

export const createFamily = ({ max, idleMs, clock, create }: FamilyDeps) => {
  // A Map keeps insertion order: the least recently used comes first.
  const kept = new Map<string, Kept>();
  const evict = (nowMs: number, used?: string) => {
    let looked = 0;
    for (const [key, one] of kept) {
      const idle = nowMs - (one.usedAtMs ?? 0) >= idleMs;
      if ((kept.size <= max && !idle) || looked++ === lookedAtOnce) return;
      kept.delete(key);
      const { gate } = one.member;
      const stays =
        key === used || (gate.state !== 'closed' && !(idle && gate.link === undefined && gate.isOver));
      // One that stays goes to the end, so that the next look finds others.
      if (stays) kept.set(key, one);
    }
  };
  const place = (key: string, usedAtMs?: number): Member => {
    const one = kept.get(key) ?? { member: create(key), usedAtMs };
    one.usedAtMs = usedAtMs ?? one.usedAtMs;
    kept.delete(key);
    kept.set(key, one);
    evict(clock.nowMs(), key);
    if (kept.size > max) kept.delete(key);
    return one.member;
  };

  return {
    get: (key: string): Breaker => place(key, clock.nowMs()).breaker,
    /** Members that are not closed. */
    open(): Member[] {
      evict(clock.nowMs());
      return [...kept.values()].map(({ member }) => member).filter(({ gate }) => gate.state !== 'closed');
    },
    /** The member that is kept for a key, without making or using one. */
    peek: (key: string): Member | undefined => kept.get(key)?.member,
    /** The member of a key that another replica has opened; undefined when there is no room for it. */
    adopt(key: string): Member | undefined {
      const member = place(key);
      return kept.has(key) ? member : undefined;
    },
    /** The fleet has no more to say of this member: one that was never used here is forgotten. */
    release(key: string): void {
      const one = kept.get(key);
      if (one !== undefined && one.usedAtMs === undefined) kept.delete(key);
    },
  };
};

/** Bounds the work of one call when many breakers are open. */
const lookedAtOnce = 16;
