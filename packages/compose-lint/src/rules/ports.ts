import type { Finding, Rule } from '../finding.ts';
import type { Project } from '../schema.ts';

interface Published {
  readonly service: string;
  readonly index: number;
  readonly text: string;
  readonly host: string;
  /** NaN for a port that the engine chooses, or a range. */
  readonly port: number;
  readonly protocol: string;
}

const FIRST_UNPRIVILEGED = 1024;

export const ports: Rule = ({ name, project }) => {
  const all = publishedPorts(project);
  return all.filter(({ service }) => service === name).flatMap((port) => judge(port, all));
};

function judge(port: Published, all: readonly Published[]): readonly Finding[] {
  const at = { path: ['services', port.service, 'ports', port.index] };
  const earlier = all.slice(0, all.indexOf(port)).find((other) => isSame(port, other));
  const findings: Finding[] = [];
  if (earlier !== undefined) {
    const message = `port ${port.port} of the host is also published by ${earlier.service}`;
    findings.push({ ...at, rule: 'port-taken', message, cure: `publish another, such as ${port.port + 1}` });
  }
  if (port.port < FIRST_UNPRIVILEGED) {
    const message = `rootless Podman may not bind port ${port.port}: ports below 1024 are the root's`;
    findings.push({ ...at, rule: 'low-port', message, cure: `publish ${port.port + 8000}` });
  }
  if (!/^(127\.\d+\.\d+\.\d+|localhost|\[?::1\]?)$/.test(port.host)) {
    findings.push({
      ...at,
      item: port.text,
      rule: 'port-not-on-loopback',
      message: 'the port is open to the network',
      cure: 'publish it on 127.0.0.1, and put a reverse proxy with TLS in front of it if other hosts must reach it',
    });
  }
  return findings;
}

function isSame(a: Published, b: Published): boolean {
  const isEverywhere = ({ host }: Published) => host === '' || host === '0.0.0.0';
  return (
    a.port === b.port &&
    a.protocol === b.protocol &&
    (a.host === b.host || isEverywhere(a) || isEverywhere(b))
  );
}

function publishedPorts({ services }: Project): readonly Published[] {
  return Object.entries(services).flatMap(([service, { ports: list }]) =>
    list.map((port, index) => {
      const text =
        typeof port === 'string' ? port : `${port.host_ip ?? ''}:${port.published ?? ''}:${port.target}`;
      const [address = '', protocol = 'tcp'] = text.split('/');
      const [, host = '', published = ''] = /^(?:(.*):)?([^:]*):[^:]+$/.exec(address) ?? [];
      return { service, index, text, host, port: Number(published || Number.NaN), protocol };
    }),
  );
}
