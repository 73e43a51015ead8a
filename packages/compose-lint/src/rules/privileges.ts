import type { Finding, Rule } from '../finding.ts';
import { mountsOf } from '../mounts.ts';

/** Whatever raises the rights of a container, or takes a wall away. */
export const privileges: Rule = ({ name, service }) => {
  const finding = (rule: string, key: string, message: string, cure: string): Finding => ({
    rule,
    path: ['services', name, key],
    message,
    cure,
  });
  const findings: Finding[] = [];
  const find = (...args: Parameters<typeof finding>) => findings.push(finding(...args));
  const drops = service.cap_drop.some((cap) => cap.toUpperCase() === 'ALL');
  const raises = !service.security_opt.some((option) => /^no-new-privileges([:=]true)?$/.test(option));
  const noRaise = 'security_opt: ["no-new-privileges:true"]';
  if (!drops) {
    const [more, cure] = raises ? [', and a setuid program could raise more', ` and ${noRaise}`] : ['', ''];
    find('capabilities', 'cap_drop', `not all capabilities are dropped${more}`, `add cap_drop: [ALL]${cure}`);
  } else if (raises) {
    find('no-new-privileges', 'security_opt', 'a setuid program could raise privileges', `add ${noRaise}`);
  }
  if (service.cap_add.length > 0)
    find('capabilities', 'cap_add', `${service.cap_add.join(', ')} is added`, 'remove cap_add');
  if (service.privileged) find('capabilities', 'privileged', 'it is privileged', 'remove privileged');
  for (const option of service.security_opt) {
    if (/^(seccomp|apparmor)[=:]unconfined$|^label[=:]disable$/.test(option))
      find('unconfined', 'security_opt', `${option} takes a wall away`, 'remove it');
  }
  for (const key of ['network_mode', 'pid', 'ipc', 'uts', 'cgroup', 'userns_mode'] as const) {
    if (service[key] === 'host')
      find('host-namespace', key, `${key}: host shares the host's own namespace`, `remove ${key}`);
  }
  if (
    /^(?!0:|root:).*:(0|root)$/.test(service.user ?? '') ||
    service.group_add.some((group) => /^(0|root)$/.test(group))
  ) {
    find(
      'root-group',
      'user',
      'its group is root, to which many files of an image are open',
      'use a group of its own',
    );
  }
  return findings;
};

/** Who can write to the engine's socket can start any container, and with it do all that the host's user can. */
export const engineSocket: Rule = ({ name, service }) =>
  mountsOf(name, service)
    .filter(({ source, destination }) =>
      /(podman|docker|containerd|crio)[^/]*\.sock$/.test(`${source} ${destination}`),
    )
    .map(({ path, source }) => ({
      rule: 'engine-socket',
      path,
      message: `${source} is the socket of the engine: with it a container is the user of the host, also read-only`,
      cure: 'remove the mount',
    }));
