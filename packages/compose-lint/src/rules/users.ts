import { mountsOf } from '../mounts.ts';
import { rule } from '../rule.ts';

const notRoot = rule('user', ({ service }) => {
  const uid = service.user?.split(':')[0] ?? '';
  const message = service.user === undefined ? 'no user is set: the image decides' : 'it runs as root';
  return [
    ['', '0', 'root'].includes(uid) && [['user'], message, 'add user: "${APP_UID:-1001}:${APP_GID:-1001}"'],
  ];
});

/**
 * Files in a volume belong to a uid of the host. `keep-id:uid=,gid=` makes that the uid which the container runs
 * as; plain `keep-id` does so only for a host user with the very same uid.
 */
const mappedUser = rule('keep-id', ({ service: { user = '', userns_mode: mode, ...service } }) => {
  const [uid, gid] = user.split(':');
  const hasVolumes = mountsOf(service).some(({ kind }) => kind !== 'tmpfs');
  return [
    hasVolumes &&
      mode !== `keep-id:uid=${uid},gid=${gid}` && [
        [mode === undefined ? 'volumes' : 'userns_mode'],
        `volumes are mounted and userns_mode is ${mode ?? 'not set'}`,
        'add userns_mode: "keep-id:uid=${APP_UID:-1001},gid=${APP_GID:-1001}" (the same ids as user)',
      ],
  ];
});

/** Podman: "--userns and --pod cannot be set together". */
const noPod = rule('pod', ({ service, project }) => [
  service.userns_mode !== undefined &&
    project['x-podman']?.in_pod !== false && [
      ['userns_mode'],
      'podman-compose puts services into a pod, which excludes userns_mode',
      'add the top-level key x-podman: { in_pod: false }',
    ],
]);

export const USERS = [notRoot, mappedUser, noPod];
