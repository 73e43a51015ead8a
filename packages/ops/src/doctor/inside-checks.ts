import { statfsSync } from 'node:fs';
import { about, type Finding } from './finding.ts';
import type { Scene } from './scene.ts';

const NEARLY_FULL = 0.8;

/** How full each tmpfs of this container is that can be written. */
export function checkTmpfs({ host, isInside }: Scene): readonly Finding[] {
  if (!isInside) return [];
  const { warning, ok } = about('tmpfs');
  const mounts = (host.read('/proc/self/mounts') ?? '').split('\n').map((line) => line.split(' '));
  const writable = mounts.filter(
    ([, , type, options]) => type === 'tmpfs' && options?.split(',')[0] === 'rw',
  );
  const full = writable.flatMap(([, path = '']) => {
    const { blocks, bavail } = statfsSync(host.at(path));
    const used = blocks === 0 ? 0 : (blocks - bavail) / blocks;
    return used < NEARLY_FULL
      ? []
      : [warning(`${path} is ${Math.round(used * 100)} % full`, `du -ah ${path} | sort -h | tail`)];
  });
  return full.length > 0 ? full : [ok(`${writable.length} mounts in memory, none nearly full`)];
}
