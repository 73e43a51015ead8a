import type { Member } from '../breaker/member.ts';
import type { FamilyTarget, Store } from '../store/store.ts';

/** A family whose members join the fleet while they are not closed. */
export interface SharedFamily {
  readonly target: FamilyTarget;
  /** The member of a key that another replica has opened; undefined when there is no room for it. */
  adopt(key: string): Member | undefined;
  release(key: string): void;
}

export interface Families {
  readonly size: number;
  add(family: SharedFamily): void;
  /** The member here of a breaker's full name, like `host:example.org`, and its family. */
  adopt(breaker: string): { readonly member: Member; readonly target: FamilyTarget } | undefined;
  release(breaker: string): void;
  /** Full names of the members that the store lists. */
  list(store: Store): Promise<string[]>;
}

export const createFamilies = (): Families => {
  const families = new Map<string, SharedFamily>();
  const cut = (breaker: string): readonly [SharedFamily | undefined, string] => {
    const at = breaker.indexOf(':');
    return [families.get(breaker.slice(0, at)), breaker.slice(at + 1)];
  };
  return {
    get size() {
      return families.size;
    },
    add: (family) => void families.set(family.target.name, family),
    adopt(breaker) {
      const [family, key] = cut(breaker);
      const member = family?.adopt(key);
      return family && member && { member, target: family.target };
    },
    release(breaker) {
      const [family, key] = cut(breaker);
      family?.release(key);
    },
    async list(store) {
      return (await Promise.all([...families.values()].map(({ target }) => store.members(target)))).flat();
    },
  };
};
