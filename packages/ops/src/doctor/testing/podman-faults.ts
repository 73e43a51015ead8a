import type { Fault } from './fault.ts';
import { changed, INFO, podman } from './healthy-machine.ts';

export const PODMAN_FAULTS: readonly Fault[] = [
  [
    'no Podman',
    'warning',
    /not installed: only `npm start`/,
    'sudo apt install podman',
    ({ program }) => program('podman', undefined),
  ],
  [
    'a Podman that does not start',
    'error',
    /does not work: cannot find newuidmap/,
    'usermod --add-subuids',
    ({ program }) =>
      program('podman', { info: { err: 'Error: cannot find newuidmap: exec: not found', code: 125 } }),
  ],
  [
    'Podman without a session',
    'error',
    /XDG_RUNTIME_DIR/,
    'ssh me@localhost',
    ({ program }) =>
      program('podman', {
        info: { err: 'Error: lstat /run/user/1000: no such file; XDG_RUNTIME_DIR is not set', code: 1 },
      }),
  ],
  [
    'Podman of root',
    'error',
    /runs as root/,
    'su - YOU',
    ({ program }) =>
      program(
        'podman',
        changed((info) => {
          info.host.security.rootless = false;
        }),
      ),
  ],
  [
    'an old Podman',
    'warning',
    /4\.3\.1 is older/,
    'sudo apt upgrade podman',
    ({ program }) =>
      program(
        'podman',
        changed((info) => {
          info.version.Version = '4.3.1';
        }),
      ),
  ],
  [
    'no compose provider',
    'error',
    /no provider: none is installed/,
    'sudo apt install podman-compose',
    ({ program }) =>
      program(
        'podman',
        podman(INFO, { 'compose version': { err: 'Error: looking up compose provider failed', code: 125 } }),
      ),
  ],
  [
    'an old podman-compose',
    'error',
    /podman-compose 1\.0 is too old/,
    'sudo apt upgrade',
    ({ program }) =>
      program('podman', podman(INFO, { 'compose version': { out: 'podman-compose version 1.0.6' } })),
  ],
  [
    'docker-compose without a socket',
    'error',
    /Podman's socket/,
    'systemctl --user enable --now podman.socket',
    ({ program }) =>
      program('podman', podman(INFO, { 'compose version': { out: 'Docker Compose version v2.26.1' } })),
  ],
  [
    'no subordinate ids',
    'error',
    /me has too few ids .* 0 in \/etc\/subuid/,
    'usermod --add-subuids 231072-296607 --add-subgids 231072-296607 me',
    ({ file }) => file('/etc/subuid', 'other:100000:65536\n'),
  ],
  [
    'too few subordinate ids',
    'error',
    /1000 in \/etc\/subgid/,
    'usermod',
    ({ file }) => file('/etc/subgid', 'me:165536:1000\n'),
  ],
  [
    'no user namespaces',
    'error',
    /max_user_namespaces is 0/,
    'sudo sysctl user.max_user_namespaces',
    ({ file }) => file('/proc/sys/user/max_user_namespaces', '0\n'),
  ],
  [
    'cgroup v1',
    'error',
    /cgroup v1/,
    'unified_cgroup_hierarchy',
    ({ program }) =>
      program(
        'podman',
        changed((info) => {
          info.host.cgroupVersion = 'v1';
        }),
      ),
  ],
  [
    'memory that is not delegated',
    'error',
    /^memory of cgroup v2 is not delegated/,
    'Delegate=memory pids cpu',
    ({ program }) =>
      program(
        'podman',
        changed((info) => {
          info.host.cgroupControllers = ['pids'];
        }),
      ),
  ],
  [
    'no systemd',
    'warning',
    /nothing runs health checks/,
    'podman healthcheck run',
    ({ remove }) => remove('/run/systemd'),
  ],
  [
    'no linger',
    'advice',
    /end at the last logout/,
    'loginctl enable-linger me',
    ({ remove }) => remove('/var/lib/systemd/linger'),
  ],
  [
    'no names between containers',
    'error',
    /aardvark-dns is missing/,
    'sudo apt install aardvark-dns',
    ({ program }) =>
      program(
        'podman',
        changed((info) => {
          info.host.networkBackendInfo.dns.path = '';
        }),
      ),
  ],
  [
    'SELinux before the GPU',
    'error',
    /SELinux keeps the GPU/,
    'setsebool -P container_use_dri_devices',
    ({ file, set, program }) => {
      file('/sys/fs/selinux/enforce', '1');
      file('/dev/dri/renderD128', '');
      file('/usr/share/vulkan/icd.d/radeon.json', '');
      set('COMPOSE_FILE', 'compose.yaml:compose/gpu.yaml');
      program('getsebool', { '': { out: 'container_use_dri_devices --> off' } });
    },
  ],
];
