import { levelOf } from '../levels.ts';
import type { Located } from '../located.ts';
import type { Message } from '../messages.ts';

const VARIABLE = /\$\$|\$\{([A-Za-z_]\w*)(?:(:?[-?+])([^}]*))?\}|\$([A-Za-z_]\w*)/g;
/** Where an empty text makes a start impossible. In `environment` and `command` it may be what is meant. */
const NEEDED = new Set(['volumes', 'tmpfs', 'ports', 'image', 'mem_limit', 'shm_size', 'user']);

/** `${NAME:?why}`, and a variable without a default where something must stand: nothing starts while it is unset. */
export function unsetVariables(root: Located): readonly Message[] {
  return [...walk(root, '')].flatMap(({ node, key }) =>
    [...String(node.value).matchAll(VARIABLE)].flatMap(([, braced, operator, word, plain]) => {
      const name = braced ?? plain;
      if (name === undefined || operator?.endsWith('-') || operator?.endsWith('+')) return [];
      const isRequired = operator?.endsWith('?') === true;
      if (!isRequired && !NEEDED.has(key)) return [];
      const why =
        isRequired && word ? `${name} must be set: ${word}` : `${name} has no default and must be set`;
      return [
        {
          file: node.file,
          line: node.line,
          rule: 'unset-variable',
          level: levelOf('unset-variable'),
          text: `${why}; write ${name}=… into .env beside the file, or a default: \${${name}:-…}`,
        },
      ];
    }),
  );
}

function* walk(node: Located, key: string): Generator<{ node: Located; key: string }> {
  if (typeof node.value === 'string') yield { node, key };
  if (node.value instanceof Map) for (const [name, item] of node.value) yield* walk(item, nextKey(key, name));
  // The items of a list stand for the list's key.
  if (Array.isArray(node.value)) for (const item of node.value) yield* walk(item, key);
}

/** The long form of a mount or port stands for the list that it is in. */
function nextKey(key: string, name: string): string {
  return NEEDED.has(key) && name !== 'environment' ? key : name;
}
