import { accessSync, constants, existsSync, readdirSync, statfsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readLimits } from '@xnai/compose-lint/facts';
import { about, type Finding } from './finding.ts';
import type { Scene } from './scene.ts';

const GB = 1e9;
/** The images take 3 GB, and the build as much again; a model 1 GB. */
const ENOUGH_DISK = 8 * GB;
const LITTLE_DISK = 1 * GB;

/** Where images, volumes and the data of a stack without containers lie. */
export function checkDisk({ podman, dataDir, host }: Scene): readonly Finding[] {
  const { error, warning, ok } = about('disk');
  const folders = [dataDir, ...(podman.kind === 'works' ? [podman.info.store.graphRoot] : [])];
  // The last folder of each disk stands for it.
  const disks = new Map(folders.map((folder) => [statSync(existing(host.at(folder))).dev, folder]));
  return [...disks.values()].map((folder) => {
    const present = existing(host.at(folder));
    const { bavail, bsize } = statfsSync(present);
    const free = bavail * bsize;
    const text = `${gigabytes(free)} are free for ${folder}`;
    const command =
      podman.kind === 'works' ? 'npm run reclaim' : `du -xh --max-depth=2 ${present} | sort -h | tail`;
    if (free < LITTLE_DISK) return error(text, command);
    return free < ENOUGH_DISK
      ? warning(`${text}; building the images takes up to ${gigabytes(ENOUGH_DISK)}`, command)
      : ok(text);
  });
}

/** The folder itself, or the nearest above it that is there. */
function existing(folder: string): string {
  return existsSync(folder) ? folder : existing(dirname(folder));
}

/** Less does not hold one service with its tmpfs mounts. */
const LITTLE_MEMORY = 1.5 * GB;

export function checkMemory(scene: Scene): readonly Finding[] {
  const { error, warning, ok } = about('memory');
  const figure = readMeminfo(scene);
  const [total, available] = [figure('MemTotal'), figure('MemAvailable')];
  if (total === undefined || available === undefined) return [];
  const text = `${gigabytes(available)} of ${gigabytes(total)} are available`;
  if (total < LITTLE_MEMORY)
    return [error(`this machine has ${gigabytes(total)} of memory; the stack needs 2 GB`, SMALL)];
  return [available < LITTLE_MEMORY ? warning(text, 'ps -eo rss,pid,args --sort -rss | head') : ok(text)];
}

const SMALL =
  "printf 'GENERATE_MODEL=none\\nFILE_MEMORY=256m\\nRAG_MEM_LIMIT=1500m\\nCRAWL_MEM_LIMIT=2500m\\n' >>.env";

/** The limits of all services at once: what each may take is not there for all of them. */
export function checkLimits(scene: Scene): readonly Finding[] {
  const { host, podman, root, settings } = scene;
  const total = readMeminfo(scene)('MemTotal');
  if (podman.kind !== 'works' || total === undefined) return [];
  const { warning, error, ok } = about('limits');
  const files = settings['COMPOSE_FILE']?.split(':') ?? ['compose.yaml'];
  try {
    const limits = readLimits(files, { folder: host.at(root), settings });
    const sum = Object.values(limits).reduce((all, bytes) => all + bytes, 0);
    const text = `the services may take ${gigabytes(sum)} together, and this machine has ${gigabytes(total)}`;
    return [
      sum > total
        ? warning(`${text}: the kernel may end processes before a limit is reached`, SMALL)
        : ok(text),
    ];
  } catch (cause) {
    return [
      error(`${files.join(', ')}: ${(cause as Error).message}`, `npm run lint:compose -- ${files.join(' ')}`),
    ];
  }
}

/** Pages of a tmpfs are memory, and memory can be swapped out: what is "in memory" may come to lie on a disk. */
export function checkSwap({ host }: Scene): readonly Finding[] {
  const { advice, ok } = about('swap');
  const swaps = (host.read('/proc/swaps') ?? '')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(/\s+/));
  const onDisk = swaps.map(([name = '']) => name).filter((name) => !/^\/dev\/zram/.test(name));
  if (onDisk.length === 0) return [ok('nothing that is kept in memory can be swapped to a disk')];
  const names = onDisk.join(', ');
  return [
    advice(
      `pages of a tmpfs can be swapped to ${names}: secrets and texts in memory may come to lie there, unless it is encrypted`,
      'sudo swapoff --all   # or encrypt it: man crypttab',
    ),
  ];
}

export function checkGpu({ host, settings }: Scene): readonly Finding[] {
  const { error, warning, ok } = about('gpu');
  const isWanted = settings['COMPOSE_FILE']?.includes('gpu.yaml') === true;
  if (!host.has('/dev/dri'))
    return [
      isWanted
        ? error(
            'gpu.yaml is in use, and there is no /dev/dri: the stack does not start',
            'unset COMPOSE_FILE',
          )
        : ok('none; models run on the processor'),
    ];
  if (!canOpen(host.at('/dev/dri')))
    return [
      warning(
        `${host.user.name} may not open /dev/dri/render*`,
        `sudo usermod --append --groups render,video ${host.user.name}   # then log in again`,
      ),
    ];
  if (!host.has('/usr/share/vulkan/icd.d') && !host.has('/etc/vulkan/icd.d'))
    return [
      warning(
        'there is a GPU and no Vulkan driver: `npm start` runs models on the processor',
        'sudo apt install mesa-vulkan-drivers',
      ),
    ];
  return [ok('/dev/dri can be opened, and there is a Vulkan driver')];
}

function canOpen(folder: string): boolean {
  const nodes = readdirSync(folder).filter((name) => name.startsWith('renderD'));
  return nodes.every((name) => {
    try {
      accessSync(join(folder, name), constants.R_OK | constants.W_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** A file of this checkout cannot be from the future. */
export async function checkClock({ host, root }: Scene): Promise<readonly Finding[]> {
  const { error, warning, ok } = about('clock');
  const made = statSync(host.at(join(root, 'package.json')), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (Date.now() < made - DAY_MS)
    return [
      error(
        `the clock says ${new Date().toISOString()}, which was before this checkout was made`,
        'sudo timedatectl set-ntp true',
      ),
    ];
  const shown = await host.run('timedatectl', 'show', '--property', 'NTPSynchronized', '--value');
  if (shown?.stdout.trim() === 'no')
    return [warning('the clock is not synchronised', 'sudo timedatectl set-ntp true')];
  return [ok(shown?.stdout.trim() === 'yes' ? 'synchronised' : 'not before this checkout was made')];
}

const DAY_MS = 86_400_000;

/** Figures of /proc/meminfo, in bytes. */
function readMeminfo({ host }: Scene): (name: string) => number | undefined {
  const text = host.read('/proc/meminfo') ?? '';
  return (name) => {
    const kilobytes = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  };
}

function gigabytes(bytes: number): string {
  return `${(bytes / GB).toFixed(1)} GB`;
}
