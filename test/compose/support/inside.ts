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

/** Every mount that the container's user can write to, with its type and size option, pseudo file systems aside. */
export async function writableMounts(stack: ComposeStack, service: string) {
  const { output } = await stack.exec(service, ['cat', '/proc/self/mounts']);
  const mounts = output
    .trim()
    .split('\n')
    .map((line) => {
      const [, path = '', type = '', options = ''] = line.split(' ');
      return { path, type, options: options.split(',') };
    })
    .filter(({ path, options }) => options.includes('rw') && !/^\/(proc|sys|dev)(\/|$)/.test(path));
  return mounts.map(({ path, type, options }) => ({
    path,
    type,
    size: options.find((option) => option.startsWith('size='))?.slice('size='.length),
  }));
}

/** Folders outside /proc, /sys and /dev in which the container's user can make a file. */
export async function writableFolders(stack: ComposeStack, service: string): Promise<readonly string[]> {
  const { output } = await stack.exec(service, [
    'sh',
    '-c',
    'find / \\( -path /proc -o -path /sys -o -path /dev \\) -prune -o -type d -print 2>/dev/null |' +
      ' while read -r d; do touch "$d/.w" 2>/dev/null && rm "$d/.w" && echo "$d"; done',
  ]);
  return output.trim().split('\n').filter(Boolean);
}
