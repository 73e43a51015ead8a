import { dirname, resolve } from 'node:path';
import { extendServices } from './extend.ts';
import { type Located, nearest, readLocated } from './located.ts';
import { merge } from './merge.ts';

/** The projects that a file includes: each is a file, or several that are laid over each other. */
export function includedFiles(root: Located): readonly Located[] {
  const { value } = nearest(root, ['include']);
  if (!Array.isArray(value)) return [];
  return (value as readonly Located[]).flatMap((entry) => {
    const path = entry.value instanceof Map ? entry.value.get('path') : entry;
    const names = Array.isArray(path?.value) ? (path.value as readonly Located[]) : [path];
    const files = names.flatMap((name) => (typeof name?.value === 'string' ? [fileOf(name)] : []));
    const [first, ...overlays] = files.map((file) => extendServices(readLocated(file), [file]));
    return first === undefined ? [] : [overlays.reduce((base, overlay) => merge(base, overlay), first)];
  });
}

/** The project with what its own services may refer to in the included ones. */
export function withIncluded(root: Located, included: readonly Located[]): Located {
  return included.reduce((all, other) => fill(all, other, 2), root);
}

/** Adds what the map lacks: its keys, and those of the maps in it down to the given depth. */
function fill(base: Located, from: Located, depth: number): Located {
  if (depth === 0 || !(base.value instanceof Map && from.value instanceof Map)) return base;
  const filled = new Map(base.value);
  for (const [key, item] of from.value) {
    const own = filled.get(key);
    filled.set(key, own === undefined ? item : fill(own, item, depth - 1));
  }
  return { ...base, value: filled };
}

function fileOf(name: Located): string {
  return resolve(dirname(name.file), String(name.value));
}
