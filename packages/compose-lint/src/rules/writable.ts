import type { Path } from '../located.ts';
import { isWithin, mountsOf } from '../mounts.ts';
import { rule } from '../rule.ts';
import type { Service } from '../schema.ts';

/** With a read-only root, each writable folder is a mount with a size and an owner. */
const readOnlyRoot = rule('read-only-root', ({ service }) => [
  !service.read_only && [[], 'the root is writable', 'add read_only: true'],
]);

/** Podman's own tmpfs on /tmp hides a missing mount; another engine or --read-only-tmpfs=false shows it. */
const ownTmp = rule('own-tmp', ({ service }) => [
  service.read_only &&
    !mountsOf(service).some(({ destination }) => destination === '/tmp') && [
      ['tmpfs'],
      '/tmp is not mounted and relies on a default of Podman',
      'add "/tmp:size=16m,mode=1777" to tmpfs',
    ],
]);

/** A variable that names a folder to write to must point into a writable mount, else: EROFS or ENOENT at start. */
const foldersAreMounted = rule('folder-not-writable', ({ service }) => {
  const writable = mountsOf(service).filter((mount) => !mount.isReadOnly);
  return variables(service)
    .filter(({ variable, value }) => /_DIR$/.test(variable) && value.startsWith('/'))
    .map(
      ({ variable, value, path }) =>
        service.read_only &&
        !READ_ONLY_DIRS.has(variable) &&
        !writable.some(({ destination }) => isWithin(value, destination)) && [
          path,
          `${variable} is ${value}, which is on the read-only root`,
          `mount it: tmpfs: ["${value}:size=100m,mode=0700,U"]`,
        ],
    );
});

const READ_ONLY_DIRS: ReadonlySet<string> = new Set(['RAG_MODELS_DIR']);

export const WRITABLE = [readOnlyRoot, ownTmp, foldersAreMounted];

/** The environment, and the words NAME=value of a command that starts with `env`. */
function variables(service: Service): readonly { variable: string; value: string; path: Path }[] {
  const own = Object.entries(service.environment).map(([variable, value]) => ({
    variable,
    value,
    path: ['environment', variable],
  }));
  const words = Array.isArray(service.command) && service.command[0] === 'env' ? service.command : [];
  const given = words.flatMap((word, index) => {
    const match = /^([A-Z]\w*)=(.*)$/.exec(word);
    return match ? [{ variable: match[1] ?? '', value: match[2] ?? '', path: ['command', index] }] : [];
  });
  return [...own, ...given];
}
