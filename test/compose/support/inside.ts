import type { ComposeStack } from './compose-stack.ts';

/** What /proc says of a container's first process. */
export async function privileges(stack: ComposeStack, service: string) {
  const { output } = await stack.exec(service, ['cat', '/proc/1/status']);
  const field = (name: string) => new RegExp(`^${name}:\\s+(.*)$`, 'm').exec(output)?.[1] ?? '';
  return {
    uid: field('Uid').split(/\s+/)[0],
    capabilities: [field('CapEff'), field('CapPrm'), field('CapBnd')],
    seccomp: field('Seccomp'),
    noNewPrivileges: field('NoNewPrivs'),
  };
}

/** Without content of their own: what they show is the kernel's. */
const PSEUDO = new Set(['proc', 'sysfs', 'cgroup', 'cgroup2', 'devpts', 'mqueue']);

// A device is mounted as a file; nothing is stored in it.
const LIST_MOUNTS = `while read -r _ path type options _; do
  [ -c "$path" ] || echo "$path $type $options $([ -w "$path" ] && echo writable)"
done </proc/self/mounts`;

/** Every mount in which something can be stored: each tmpfs, and all else that the container's user can write to. */
export async function storageMounts(stack: ComposeStack, service: string) {
  const { output } = await stack.exec(service, ['sh', '-c', LIST_MOUNTS]);
  const mounts = output
    .trim()
    .split('\n')
    .map((line) => line.split(' '));
  return mounts
    .filter(([, type = '', options = '', access]) => {
      const isTmpfs = type === 'tmpfs' && options.split(',').includes('rw');
      return !PSEUDO.has(type) && (isTmpfs || access === 'writable');
    })
    .map(([path = '', type, options = '']) => ({ path, type, size: /(?:^|,)size=(\w+)/.exec(options)?.[1] }));
}

/** Folders outside /proc, /sys and /dev in which the container's user can make a file. */
export async function writableFolders(stack: ComposeStack, service: string): Promise<readonly string[]> {
  const system = ['(', '-path', '/proc', '-o', '-path', '/sys', '-o', '-path', '/dev', ')', '-prune'];
  const { output } = await stack.exec(service, [
    ...['sh', '-c', 'find / "$@" 2>/dev/null', 'sh'],
    ...[...system, '-o', '-type', 'd', '-writable', '-print'],
  ]);
  return output.trim().split('\n').filter(Boolean);
}
