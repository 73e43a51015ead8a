export interface ServerVersion {
  readonly major: number;
  readonly minor: number;
}

/** Reads `Redis server v=7.0.15 sha=…` and `Valkey server v=8.1.1 …`; undefined when it is something else. */
export function parseServerVersion(text: string): ServerVersion | undefined {
  const [, major, minor] = /\bv=(\d+)\.(\d+)/.exec(text) ?? [];
  return major === undefined ? undefined : { major: Number(major), minor: Number(minor) };
}

/** Since Redis 7.2; Valkey forked after it. */
export function knowsClientSetinfo({ major, minor }: ServerVersion): boolean {
  return major > 7 || (major === 7 && minor >= 2);
}
