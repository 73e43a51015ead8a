/** A place where memory or space runs out. */
export interface ResourceSource {
  readonly name: string;
  /** Undefined where this machine does not say: that is unknown, not healthy. */
  read(): Promise<Reading | undefined>;
}

export interface Reading {
  /** From 0 to 1, and over 1 where a limit is passed. */
  readonly used: number;
  /** The figure, for people. */
  readonly detail: string;
}
