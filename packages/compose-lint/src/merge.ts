import type { Located } from './located.ts';

/**
 * Lays an overlay over a base as `-f base -f overlay` does: maps merge, lists are joined, scalars and the
 * lists of commands are replaced, and so is what `!override` marks (Compose specification, "Merge and override").
 */
export function merge(base: Located, overlay: Located, key = ''): Located {
  if (overlay.overrides === true) return overlay;
  if (base.value instanceof Map && overlay.value instanceof Map) {
    const merged = new Map(base.value);
    for (const [name, item] of overlay.value) {
      const below = merged.get(name);
      merged.set(name, below === undefined ? item : merge(below, item, name));
    }
    return { ...base, value: merged };
  }
  if (Array.isArray(base.value) && Array.isArray(overlay.value) && !REPLACED.has(key)) {
    return { ...base, value: [...base.value, ...overlay.value] };
  }
  return overlay;
}

const REPLACED: ReadonlySet<string> = new Set(['command', 'entrypoint', 'test']);
