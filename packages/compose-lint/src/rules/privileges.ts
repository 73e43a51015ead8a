import type { Finding, Rule } from '../finding.ts';

export const noCapabilities: Rule = ({ name, service }) => {
  const findings: Finding[] = [];
  const at = (key: string) => ['services', name, key];
  if (!service.cap_drop.some((cap) => cap.toUpperCase() === 'ALL')) {
    findings.push({
      rule: 'capabilities',
      path: at('cap_drop'),
      message: 'not all capabilities are dropped',
      cure: 'add cap_drop: [ALL]',
    });
  }
  if (service.cap_add.length > 0) {
    const added = service.cap_add.join(', ');
    findings.push({
      rule: 'capabilities',
      path: at('cap_add'),
      message: `${added} is added`,
      cure: 'remove cap_add',
    });
  }
  if (service.privileged) {
    findings.push({
      rule: 'capabilities',
      path: at('privileged'),
      message: 'it is privileged',
      cure: 'remove privileged',
    });
  }
  return findings;
};

export const noNewPrivileges: Rule = ({ name, service }) =>
  service.security_opt.some((option) => /^no-new-privileges([:=]true)?$/.test(option))
    ? []
    : [
        {
          rule: 'no-new-privileges',
          path: ['services', name, 'security_opt'],
          message: 'a setuid program could raise privileges',
          cure: 'add security_opt: ["no-new-privileges:true"]',
        },
      ];

export const onLoopback: Rule = ({ name, service }) =>
  service.ports.flatMap((port, index): Finding[] => {
    const host =
      typeof port === 'string' ? port : `${port.host_ip ?? ''}:${port.published ?? ''}:${port.target}`;
    if (/^(127\.\d+\.\d+\.\d+|localhost|\[::1\]):/.test(host)) return [];
    return [
      {
        rule: 'port-not-on-loopback',
        path: ['services', name, 'ports', index],
        message: `port ${host} is open to the network`,
        cure: 'publish it on 127.0.0.1, and put a reverse proxy with TLS in front of it if other hosts must reach it',
      },
    ];
  });
