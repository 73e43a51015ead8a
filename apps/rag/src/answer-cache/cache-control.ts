/** What a request allows: RFC 9111, section 5.2.1. */
export interface CacheControl {
  /** An answer that was made before may be given. */
  readonly mayReuse: boolean;
  /** The answer may be kept for others. */
  readonly mayKeep: boolean;
  /** Of an answer that was made before, at most. */
  readonly maxAgeS: number;
}

export function readCacheControl(header = ''): CacheControl {
  const directives = new Map(
    header.split(',').map((directive) => {
      const [name = '', value = ''] = directive.trim().toLowerCase().split('=');
      return [name, value.replaceAll('"', '')];
    }),
  );
  const maxAge = directives.get('max-age') ?? '';
  return {
    mayReuse: !directives.has('no-cache') && !directives.has('no-store'),
    mayKeep: !directives.has('no-store'),
    maxAgeS: /^\d+$/.test(maxAge) ? Number(maxAge) : Number.POSITIVE_INFINITY,
  };
}
