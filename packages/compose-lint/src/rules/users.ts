import type { Rule } from '../finding.ts';
import { mountsOf } from '../mounts.ts';

export const notRoot: Rule = ({ name, service }) => {
  const uid = service.user?.split(':')[0];
  if (uid !== undefined && uid !== '' && uid !== '0' && uid !== 'root') return [];
  return [
    {
      rule: 'user',
      path: ['services', name, 'user'],
      message: uid === undefined ? 'no user is set: the image decides' : 'it runs as root',
      cure: 'add user: "${APP_UID:-1001}:${APP_GID:-1001}"',
    },
  ];
};

/**
 * Files in a volume belong to a uid of the host. `keep-id:uid=,gid=` makes that the uid which the container runs
 * as; plain `keep-id` does so only for a host user with the very same uid.
 */
export const mappedUser: Rule = ({ name, service, written }) => {
  const [uid = '', gid = ''] = (service.user ?? '').split(':');
  const isUsers = mountsOf(name, service).some(({ kind, isReadOnly }) => kind !== 'tmpfs' && !isReadOnly);
  if (!isUsers || uid === '' || uid === '0' || uid === 'root') return [];
  const ids = gid === '' ? `uid=${uid}` : `uid=${uid},gid=${gid}`;
  if (service.userns_mode?.startsWith(`keep-id:${ids}`)) return [];
  const asWritten = written.user?.includes('$') ? 'uid=${APP_UID:-1001},gid=${APP_GID:-1001}' : ids;
  return [
    {
      rule: 'keep-id',
      path: ['services', name, service.userns_mode === undefined ? 'volumes' : 'userns_mode'],
      message: `volumes are mounted for the user ${service.user}, and userns_mode is ${service.userns_mode ?? 'not set'}`,
      cure: `add userns_mode: "keep-id:${asWritten}": files of the host then belong to that user`,
    },
  ];
};

/** Podman: "--userns and --pod cannot be set together". */
export const noPod: Rule = ({ name, service, project }) =>
  service.userns_mode === undefined || project['x-podman']?.in_pod === false
    ? []
    : [
        {
          rule: 'pod',
          path: ['services', name, 'userns_mode'],
          message: 'podman-compose puts services into a pod, which excludes userns_mode',
          cure: 'add the top-level key x-podman: { in_pod: false }',
        },
      ];
