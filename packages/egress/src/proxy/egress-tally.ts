/** Why the proxy turned a connection away or cut it. */
export const EGRESS_REFUSALS = [
  'not-public',
  'port',
  'credential',
  'not-found',
  'not-resolved',
  'bytes',
  'age',
] as const;
export type EgressRefusal = (typeof EGRESS_REFUSALS)[number];

/** Traffic of one egress since it was opened. */
export interface EgressCounts {
  readonly connections: number;
  readonly bytes: number;
  readonly refusals: Readonly<Partial<Record<EgressRefusal, number>>>;
}

export class EgressTally {
  connections = 0;
  /** Of connections that are closed. */
  bytes = 0;
  readonly #refusals: Partial<Record<EgressRefusal, number>> = {};

  refuse(reason: EgressRefusal): void {
    this.#refusals[reason] = (this.#refusals[reason] ?? 0) + 1;
  }

  counts(openBytes: number): EgressCounts {
    return {
      connections: this.connections,
      bytes: this.bytes + openBytes,
      refusals: { ...this.#refusals },
    };
  }
}
