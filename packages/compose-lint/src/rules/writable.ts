import type { Finding, Rule } from '../finding.ts';
import type { Path } from '../located.ts';
import { isWithin, type Mount, mountsOf } from '../mounts.ts';
import type { Service } from '../schema.ts';

/** With a read-only root, each writable folder is a mount with a size and an owner. */
export const readOnlyRoot: Rule = ({ name, service }) =>
  service.read_only
    ? []
    : [
        {
          rule: 'read-only-root',
          path: ['services', name],
          message: 'the root is writable',
          cure: 'add read_only: true, and a tmpfs for /tmp, /var/tmp and each folder that the image writes to',
        },
      ];

/** On a read-only root Podman mounts its own tmpfs there, which has no size: it may take half of the host's memory. */
export const ownTmp: Rule = ({ name, service }) => {
  if (!service.read_only) return [];
  const mounts = mountsOf(name, service);
  const missing = ['/tmp', '/var/tmp'].filter(
    (path) => !mounts.some(({ destination }) => destination === path),
  );
  if (missing.length === 0) return [];
  return [
    {
      rule: 'own-tmp',
      path: ['services', name, 'tmpfs'],
      message: `${missing.join(' and ')} not mounted: Podman mounts a tmpfs without a size there`,
      cure: `add ${missing.map((path) => `"${path}:size=16m,mode=1777"`).join(', ')} to tmpfs`,
    },
  ];
};

/** A variable that names a folder to write to must point into a writable mount, else: EROFS or ENOENT at start. */
export const foldersAreMounted: Rule = ({ name, service }) => {
  const mounts = mountsOf(name, service);
  return variables(service)
    .filter(
      ({ variable, value }) =>
        /_DIR$/.test(variable) && value.startsWith('/') && !READ_ONLY_DIRS.has(variable),
    )
    .filter(
      ({ value }) => !mounts.some((mount) => isWithin(value, mount.destination) && isMeant(mount, value)),
    )
    .map(
      ({ variable, value, path }): Finding => ({
        rule: service.read_only ? 'folder-not-writable' : 'folder-on-root',
        path: ['services', name, ...path],
        message: `${variable} is ${value}, where nothing is mounted: ${service.read_only ? 'the root is read-only' : 'with read_only it could not be written'}`,
        cure: `mount it: tmpfs: ["${value}:size=100m,mode=0700,U"]`,
      }),
    );
};

/** A mount that is read-only at just this folder was made for a service that only reads it. */
function isMeant({ isReadOnly, destination }: Mount, folder: string): boolean {
  return !isReadOnly || destination === folder;
}

/** Models are only read; of the audit chains each service has a mount below for the one that it writes. */
const READ_ONLY_DIRS: ReadonlySet<string> = new Set(['RAG_MODELS_DIR', 'XNAI_AUDIT_DIR']);

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
