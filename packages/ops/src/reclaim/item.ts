/** Something that can be removed. */
export interface Item {
  readonly kind: 'container' | 'image' | 'volume' | 'run' | 'file' | 'build cache';
  readonly name: string;
  /** What its removal frees; undefined where it cannot be measured. */
  readonly bytes: number | undefined;
  /** Why it is not needed. */
  readonly why: string;
  /** The same by hand. */
  readonly command: string;
}

export interface Removable extends Item {
  /** @throws {Error} when it cannot be removed; the message says why */
  readonly remove: () => Promise<void>;
}

export interface Plan {
  /** Proven to be of this stack, and not needed. */
  readonly own: readonly Removable[];
  /** Of this stack and not in use, and may hold data that somebody wants: volumes, and what a restore has moved aside. */
  readonly data: readonly Removable[];
  /** What other builds of this user may need as well. */
  readonly shared: readonly Removable[];
  /** What was left out of the plan as a whole, and why. */
  readonly notes: readonly string[];
}
