import { posix } from 'node:path';
import { parseSync } from 'oxc-parser';

export interface Source {
  /** From the workspace's source folder: `store/sqlite/read.ts`. */
  readonly path: string;
  readonly text: string;
}

type Layers = readonly (string | readonly string[])[];

/** Each import that leads to a higher layer or a neighbour of the same rank, and each file that has no layer. */
export function findUpwardImports(layers: Layers, sources: readonly Source[]): string[] {
  return sources.flatMap(({ path, text }) => {
    const from = placeOf(layers, path);
    if (from === undefined) return [`${path} is in none of the layers`];
    return relativeImports(path, text).flatMap((target) => {
      const to = placeOf(layers, target);
      const isDownward = to !== undefined && (to.rank < from.rank || to.name === from.name);
      return isDownward ? [] : [`${path} imports ${target}, which is not in a lower layer`];
    });
  });
}

function placeOf(layers: Layers, path: string) {
  const [name = ''] = path.split('/');
  const rank = layers.findIndex((layer) =>
    typeof layer === 'string' ? layer === name : layer.includes(name),
  );
  return rank === -1 ? undefined : { rank, name };
}

/** Static imports and re-exports by a relative path, types included. */
function relativeImports(path: string, text: string): string[] {
  const { module } = parseSync(path, text);
  const imported = module.staticImports.map(({ moduleRequest }) => moduleRequest.value);
  const exported = module.staticExports.flatMap(({ entries }) =>
    entries.flatMap(({ moduleRequest }) => (moduleRequest === null ? [] : [moduleRequest.value])),
  );
  return [...imported, ...exported]
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => posix.join(posix.dirname(path), specifier));
}
