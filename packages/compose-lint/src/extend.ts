import { dirname, resolve } from 'node:path';
import { type Located, readLocated } from './located.ts';
import { merge } from './merge.ts';

/**
 * The file with each `extends` replaced by the service that it names, in this file or in another.
 *
 * @throws {Error} when the service is not there, or extends itself
 */
export function extendServices(root: Located, chain: readonly string[]): Located {
  const services = servicesOf(root);
  if (!(root.value instanceof Map) || !(services?.value instanceof Map)) return root;
  const extended = new Map([...services.value].map(([name, one]) => [name, extend(root, one, chain)]));
  return { ...root, value: new Map([...root.value, ['services', { ...services, value: extended }]]) };
}

function extend(root: Located, service: Located, chain: readonly string[]): Located {
  if (!(service.value instanceof Map)) return service;
  const link = service.value.get('extends');
  if (link === undefined) return service;
  const name = textOf(link.value instanceof Map ? link.value.get('service') : link);
  const file = textOf(link.value instanceof Map ? link.value.get('file') : undefined);
  const from = file === undefined ? root.file : resolve(dirname(link.file), file);
  const step = `${from}:${name}`;
  const at = `${link.file}:${link.line}`;
  if (chain.includes(step)) throw new Error(`${at}: the service ${name} extends itself`);
  const there = file === undefined ? root : readLocated(from);
  const found = servicesOf(there)?.value;
  const base = found instanceof Map ? found.get(name ?? '') : undefined;
  if (base === undefined) throw new Error(`${at}: there is no service ${name} in ${from} to extend`);
  const own = new Map([...service.value].filter(([key]) => key !== 'extends'));
  return merge(extend(there, base, [...chain, step]), { ...service, value: own });
}

function servicesOf({ value }: Located): Located | undefined {
  return value instanceof Map ? value.get('services') : undefined;
}

function textOf(node: Located | undefined): string | undefined {
  return typeof node?.value === 'string' ? node.value : undefined;
}
