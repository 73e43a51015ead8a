import type { Finding, Rule } from '../finding.ts';
import { type Mount, mountsOf } from '../mounts.ts';
import type { Project } from '../schema.ts';

/** What the kernel's tmpfs reads: bytes, with at most one letter. */
const KERNEL_SIZE = /^\d+[kmgt]?$/i;

/** A size that the kernel reads and the linter can add up. Without one a tmpfs may take half of the host's memory. */
export const tmpfsSizes: Rule = ({ name, service, written, project }) => {
  const texts = mountsOf(name, written);
  return mountsOf(name, service).flatMap((mount, index) => {
    const isTmpfs = mount.kind === 'tmpfs' || isTmpfsVolume(mount, project);
    // A variable without a value is reported by its name.
    const isUnset = texts[index]?.options.some((option) => option.startsWith('size=$'));
    const size = tmpfsSize(mount, project) || undefined;
    return isTmpfs && !(isUnset && size === undefined) ? judgeSize(mount, size) : [];
  });
};

function judgeSize({ kind, path, destination, source }: Mount, size: string | undefined): readonly Finding[] {
  const owner = destination.endsWith('/tmp') ? 'mode=1777' : 'mode=0700,U';
  const cure =
    kind === 'tmpfs'
      ? `write "${destination}:size=64m,${owner}"`
      : `give the volume ${source} driver_opts: { type: tmpfs, device: tmpfs, o: "size=64m" }`;
  const finding = (rule: string, message: string) => [{ rule, path, message, cure }];
  if (size === undefined) return finding('tmpfs-size', `the tmpfs at ${destination} has no size`);
  if (/^\d+%$/.test(size)) {
    const message = `size=${size} of ${destination} is a share of the host's memory, not of mem_limit`;
    return finding('percent-size', message);
  }
  if (KERNEL_SIZE.test(size)) return [];
  return finding('size-word', `size=${size} of ${destination} is not a size: the kernel refuses it`);
}

/** A tmpfs is made by root: without the option U another user needs the rights of others. */
export const tmpfsModes: Rule = ({ name, service }) => {
  if (/^(0|root)(:|$)/.test(service.user ?? '') || service.user === undefined) return [];
  return mountsOf(name, service).flatMap((mount): Finding[] => {
    const mode = Number.parseInt(optionOf(mount, 'mode') ?? '', 8);
    // /run belongs to the engine, which makes its files there as root.
    if (mount.kind !== 'tmpfs' || Number.isNaN(mode) || mount.destination === '/run') return [];
    const isTheUsers = mount.options.includes('U') || optionOf(mount, 'uid') !== undefined;
    const written = `${mount.destination}, mode ${optionOf(mount, 'mode')}`;
    const size = optionOf(mount, 'size') ?? '64m';
    const isShared = /(^|\/)tmp$/.test(mount.destination);
    const cure = `write "${mount.destination}:size=${size},mode=${isShared ? '1777' : '0700,U'}"`;
    const at = { path: mount.path, cure };
    if (!isTheUsers && (mode & 0o2) === 0) {
      const message = `${written}, belongs to root: the user ${service.user} cannot write there without the option U`;
      return [{ ...at, rule: 'tmpfs-owner', message }];
    }
    if ((mode & 0o1002) !== 0o2) return [];
    const message = `${written}, lets every user delete the files of others: the sticky bit is missing`;
    return [{ ...at, rule: 'tmpfs-mode', message }];
  });
};

/** Undefined for what is no tmpfs, or has no size. */
export function tmpfsSize(mount: Mount, project: Project): string | undefined {
  if (mount.kind === 'tmpfs') return optionOf(mount, 'size');
  if (!isTmpfsVolume(mount, project)) return undefined;
  return /(?:^|,)size=([^,]*)/.exec(project.volumes[mount.source ?? '']?.driver_opts?.o ?? '')?.[1];
}

function isTmpfsVolume({ kind, source }: Mount, { volumes }: Project): boolean {
  return kind === 'volume' && volumes[source ?? '']?.driver_opts?.type === 'tmpfs';
}

function optionOf({ options }: Mount, name: string): string | undefined {
  return options.find((option) => option.startsWith(`${name}=`))?.slice(name.length + 1);
}
