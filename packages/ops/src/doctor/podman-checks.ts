import type { Host } from '../host/host.ts';
import { lastLine } from '../podman/podman.ts';
import { about, type Finding } from './finding.ts';
import type { Scene } from './scene.ts';

/** The oldest versions that the stack is tried with. */
const OLDEST = { podman: 5, 'podman-compose': 1.3, 'docker-compose': 2.26 };

export function checkPodman({ podman, host }: Scene): readonly Finding[] {
  const { error, warning, ok } = about('podman');
  if (podman.kind === 'absent')
    return [
      warning(
        'Podman is not installed: only `npm start` runs the stack',
        'sudo apt install podman podman-compose',
      ),
    ];
  if (podman.kind === 'broken')
    return [error(`Podman does not work: ${podman.reason}`, cureOf(podman.reason, host))];
  const { version } = podman.info;
  if (isOfRoot(podman))
    return [
      error(
        'Podman runs as root: `keep-id` exists for unprivileged users only',
        'su - YOU   # and start the stack as this user',
      ),
    ];
  if (major(version.Version) < OLDEST.podman)
    return [
      warning(
        `Podman ${version.Version} is older than any that the stack is tried with (5.4)`,
        'sudo apt upgrade podman',
      ),
    ];
  return [ok(`Podman ${version.Version}, rootless`)];
}

/** By what Podman says where it cannot start at all. */
function cureOf(reason: string, host: Host): string {
  const user = host.user.name;
  if (/subuid|subgid|newuidmap|newgidmap|no subordinate/i.test(reason)) return giveIds(host);
  if (/XDG_RUNTIME_DIR|\/run\/user/.test(reason))
    return `ssh ${user}@localhost   # or: sudo machinectl shell ${user}@`;
  if (/operation not permitted|user namespace/i.test(reason))
    return 'sudo sysctl user.max_user_namespaces=28633';
  return 'podman info';
}

export async function checkProvider({ podman, host }: Scene): Promise<readonly Finding[]> {
  if (podman.kind !== 'works') return [];
  const { error, ok } = about('compose');
  const ran = await host.run('podman', 'compose', 'version');
  if (ran === undefined || ran.code !== 0) {
    const why = /looking up compose provider/.test(ran?.stderr ?? '')
      ? 'none is installed'
      : lastLine(ran ?? NOTHING);
    return [error(`podman compose has no provider: ${why}`, 'sudo apt install podman-compose')];
  }
  const text = `${ran.stdout}\n${ran.stderr}`;
  const found = /(podman-compose|docker.compose)\s+version:?\s+v?(\d+\.\d+)/i.exec(text);
  const [, name = '', version = ''] = found ?? [];
  const provider = name.toLowerCase().startsWith('docker') ? 'docker-compose' : 'podman-compose';
  if (found === null) return [error('podman compose does not say its version', 'podman compose version')];
  const socket = `${host.env['XDG_RUNTIME_DIR'] ?? `/run/user/${host.user.uid}`}/podman/podman.sock`;
  return [
    isOlder(version, OLDEST[provider])
      ? error(
          `${provider} ${version} is too old: ${OLDEST[provider]} or newer is needed`,
          `sudo apt upgrade ${provider}`,
        )
      : ok(`${provider} ${version}`),
    ...(provider === 'docker-compose' && !host.has(socket)
      ? [
          error(
            "docker-compose needs Podman's socket, which is not there",
            'systemctl --user enable --now podman.socket',
          ),
        ]
      : []),
  ];
}

const NOTHING = { code: 1, stdout: '', stderr: '`podman` ended' };

function major(version: string): number {
  return Number.parseInt(version, 10);
}

/** `1.10` is newer than `1.3`. */
function isOlder(version: string, oldest: number): boolean {
  const [a = 0, b = 0] = version.split('.').map(Number);
  const [major = 0, minor = 0] = String(oldest).split('.').map(Number);
  return a < major || (a === major && b < minor);
}

const ENOUGH_IDS = 65_536;

/** @see subuid(5) */
export function checkSubordinateIds({ podman, host }: Scene): readonly Finding[] {
  if (podman.kind === 'absent' || isOfRoot(podman)) return [];
  const { error, ok } = about('subuid');
  const few = ID_FILES.filter((file) => countOf(idsOf(host, file)) < ENOUGH_IDS);
  if (few.length === 0) return [ok(`${ENOUGH_IDS} or more`)];
  const counts = few.map((file) => `${countOf(idsOf(host, file))} in ${file}`).join(', ');
  return [error(`${host.user.name} has too few ids for the users in containers: ${counts}`, giveIds(host))];
}

const ID_FILES = ['/etc/subuid', '/etc/subgid'];

interface IdRange {
  readonly isOwn: boolean;
  readonly start: number;
  readonly count: number;
}

function idsOf(host: Host, file: string): readonly IdRange[] {
  const lines = (host.read(file) ?? '').split('\n').map((line) => line.trim().split(':'));
  return lines.map(([owner, start, count]) => ({
    isOwn: owner === host.user.name || owner === String(host.user.uid),
    start: Number(start) || 0,
    count: Number(count) || 0,
  }));
}

function countOf(ranges: readonly IdRange[]): number {
  return Math.max(0, ...ranges.filter(({ isOwn }) => isOwn).map(({ count }) => count));
}

const FIRST_ID = 100_000;

/** Behind the ids of all other users: two users with the same ids could read each other's files. */
function giveIds(host: Host): string {
  const ends = ID_FILES.flatMap((file) => idsOf(host, file)).map(({ start, count }) => start + count);
  const first = Math.max(FIRST_ID, ...ends);
  const range = `${first}-${first + ENOUGH_IDS - 1}`;
  return `sudo usermod --add-subuids ${range} --add-subgids ${range} ${host.user.name} && podman system migrate`;
}

function isOfRoot(podman: Scene['podman']): boolean {
  return podman.kind === 'works' && !podman.info.host.security.rootless;
}

export function checkUserNamespaces({ podman, host }: Scene): readonly Finding[] {
  if (podman.kind === 'absent') return [];
  const { error } = about('namespaces');
  const switches = [
    ['/proc/sys/user/max_user_namespaces', 'user.max_user_namespaces', '28633'],
    ['/proc/sys/kernel/unprivileged_userns_clone', 'kernel.unprivileged_userns_clone', '1'],
  ] as const;
  return switches.flatMap(([file, name, value]) =>
    host.read(file)?.trim() === '0'
      ? [error(`the kernel gives no user namespaces to users (${name} is 0)`, `sudo sysctl ${name}=${value}`)]
      : [],
  );
}

const UNIFY =
  'sudoedit /etc/default/grub   # add systemd.unified_cgroup_hierarchy=1 to GRUB_CMDLINE_LINUX, then: sudo update-grub && sudo reboot';
const DELEGATE =
  "sudo mkdir -p /etc/systemd/system/user@.service.d && printf '[Service]\\nDelegate=memory pids cpu\\n' | sudo tee /etc/systemd/system/user@.service.d/delegate.conf && sudo systemctl daemon-reload   # then log in again";
const NEEDED_CONTROLLERS = ['memory', 'pids'];

/** Without a delegated controller the runtime refuses the limits of compose.yaml, and no container starts. */
export function checkControlGroups(scene: Scene): readonly Finding[] {
  const { podman, host, containers } = scene;
  if (podman.kind !== 'works') return [];
  const { error, warning, ok } = about('cgroups');
  const { cgroupVersion, cgroupControllers } = podman.info.host;
  const worst = containers.some(({ state }) => state === 'running') ? warning : error;
  if (cgroupVersion === 'v1') {
    return [worst('this machine has cgroup v1, in which users can set no memory limits', UNIFY)];
  }
  const missing = NEEDED_CONTROLLERS.filter((name) => !(cgroupControllers ?? []).includes(name));
  if (missing.length === 0) return [ok(`v2; ${NEEDED_CONTROLLERS.join(' and ')} are delegated`)];
  return [
    worst(
      `${missing.join(' and ')} of cgroup v2 ${missing.length === 1 ? 'is' : 'are'} not delegated to ${host.user.name}: memory limits cannot be set`,
      DELEGATE,
    ),
  ];
}

export function checkSystemd({ podman, host }: Scene): readonly Finding[] {
  if (podman.kind !== 'works') return [];
  const { warning, advice, ok } = about('systemd');
  if (!host.has('/run/systemd/system'))
    return [
      warning(
        'systemd does not run here: nothing runs health checks or starts the stack at boot',
        'podman healthcheck run NAME   # by hand',
      ),
    ];
  if (!host.has(`/var/lib/systemd/linger/${host.user.name}`))
    return [
      advice(
        `containers of ${host.user.name} end at the last logout, and do not start at boot`,
        `loginctl enable-linger ${host.user.name}`,
      ),
    ];
  return [ok('the stack may run while you are logged out')];
}

/** Without it, containers do not find each other by name. Debian's package only recommends it. */
export function checkNames({ podman }: Scene): readonly Finding[] {
  if (podman.kind !== 'works') return [];
  const { error, warning, ok } = about('names');
  const { networkBackend, networkBackendInfo } = podman.info.host;
  if (networkBackend !== 'netavark')
    return [
      warning(
        `the network backend is ${networkBackend || 'unknown'}; the stack is tried with netavark`,
        'sudo apt install netavark aardvark-dns',
      ),
    ];
  if (!networkBackendInfo?.dns?.path)
    return [
      error(
        'aardvark-dns is missing: containers do not find each other by name',
        'sudo apt install aardvark-dns',
      ),
    ];
  return [ok('containers find each other by name')];
}

export async function checkSelinux({ podman, host, settings }: Scene): Promise<readonly Finding[]> {
  if (podman.kind !== 'works' || host.read('/sys/fs/selinux/enforce')?.trim() !== '1') return [];
  const { error, ok } = about('selinux');
  const usesGpu = settings['COMPOSE_FILE']?.includes('gpu.yaml') === true;
  const allowed = /-->\s*on/.test((await host.run('getsebool', 'container_use_dri_devices'))?.stdout ?? '');
  return usesGpu && !allowed
    ? [error('SELinux keeps the GPU from containers', 'sudo setsebool -P container_use_dri_devices 1')]
    : [ok('enforcing; named volumes are labelled by Podman')];
}
