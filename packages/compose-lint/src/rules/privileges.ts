import { rule } from '../rule.ts';

const noCapabilities = rule('capabilities', ({ service: { cap_drop, cap_add, privileged } }) => [
  !cap_drop.some((cap) => cap.toUpperCase() === 'ALL') && [
    ['cap_drop'],
    'not all capabilities are dropped',
    'add cap_drop: [ALL]',
  ],
  cap_add.length > 0 && [['cap_add'], `${cap_add.join(', ')} is added`, 'remove cap_add'],
  privileged && [['privileged'], 'it is privileged', 'remove privileged'],
]);

const noNewPrivileges = rule('no-new-privileges', ({ service }) => [
  !service.security_opt.some((option) => /^no-new-privileges([:=]true)?$/.test(option)) && [
    ['security_opt'],
    'a setuid program could raise privileges',
    'add security_opt: ["no-new-privileges:true"]',
  ],
]);

const onLoopback = rule('port-not-on-loopback', ({ service }) =>
  service.ports.map((port, index) => {
    const host =
      typeof port === 'string' ? port : `${port.host_ip ?? ''}:${port.published ?? ''}:${port.target}`;
    const cure =
      'publish it on 127.0.0.1, and put a reverse proxy with TLS in front of it if other hosts must reach it';
    const isLocal = /^(127\.\d+\.\d+\.\d+|localhost|\[::1\]):/.test(host);
    return !isLocal && [['ports', index], `port ${host} is open to the network`, cure];
  }),
);

export const PRIVILEGES = [noCapabilities, noNewPrivileges, onLoopback];
