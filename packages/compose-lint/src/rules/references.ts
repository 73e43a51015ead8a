import type { Finding, Rule } from '../finding.ts';
import { mountsOf } from '../mounts.ts';
import type { Project, Service } from '../schema.ts';

/** What a service names must be declared at the top of the file. An anonymous volume fills the disk unnoticed. */
export const declared: Rule = ({ name, service, project }) => {
  const undeclared = (kind: string, key: string, names: readonly string[], known: object): Finding[] =>
    names
      .filter((one) => one !== 'default' && !(one in known))
      .map((one) => ({
        rule: 'undeclared',
        path: ['services', name, key],
        message: `the ${kind} ${one} is not declared`,
        cure: `add it at the top level: ${key}: { ${one}: ${DECLARATIONS[kind] ?? '{}'} }`,
      }));
  const networks = Array.isArray(service.networks) ? service.networks : Object.keys(service.networks);
  const volumes = mountsOf(name, service).filter(({ kind }) => kind === 'volume');
  const named = volumes.flatMap(({ source }) => (source === undefined || source === '' ? [] : [source]));
  return [
    ...undeclared('network', 'networks', networks, project.networks),
    ...undeclared('volume', 'volumes', named, project.volumes),
    ...undeclared('secret', 'secrets', service.secrets, project.secrets),
    ...undeclared('config', 'configs', service.configs, project.configs),
    ...volumes
      .filter(({ source }) => source === undefined)
      .map(({ destination, path }) => ({
        rule: 'anonymous-volume',
        path,
        message: `the volume at ${destination} has no name: each new container makes another`,
        cure: `name it: volumes: ["data:${destination}"]`,
      })),
  ];
};

const DECLARATIONS: Readonly<Record<string, string>> = {
  secret: '{ file: ./secret.txt }',
  config: '{ file: ./config.txt }',
};

/** Dependencies that cannot be met, and one that takes the restart policy away. */
export const dependencies: Rule = ({ name, service, project }) => {
  const path = ['services', name, 'depends_on'];
  const finding = (message: string, cure: string, rule = 'depends-on'): Finding => ({
    rule,
    path,
    message,
    cure,
  });
  const names = dependenciesOf(service);
  const circle = circleFrom(name, project);
  const conditions = Array.isArray(service.depends_on) ? [] : Object.entries(service.depends_on);
  return [
    ...names
      .filter((other) => !(other in project.services))
      .map((other) => finding(`there is no service ${other} to depend on`, 'correct the name, or remove it')),
    ...(circle === undefined
      ? []
      : [
          finding(
            `the services depend on each other in a circle: ${circle.join(' → ')}`,
            'remove one of them',
          ),
        ]),
    ...conditions
      .filter(([, { condition }]) => condition === 'service_completed_successfully' && mayRestart(service))
      .map(([other]) =>
        finding(
          `${other} ends, and podman-compose never restarts what requires an ended container`,
          `remove the dependency; let the command wait for what ${other} writes`,
          'requires-ended',
        ),
      ),
    ...conditions
      .filter(([, { condition }]) => condition === 'service_healthy')
      .map(([other]) =>
        finding(
          `it starts only when ${other} is healthy`,
          `let it start without ${other}, and connect when ${other} is up`,
          'waits-for-health',
        ),
      ),
  ];
};

function mayRestart({ restart }: Service): boolean {
  return restart !== undefined && restart !== 'no';
}

function dependenciesOf({ depends_on: on }: Service): readonly string[] {
  return Array.isArray(on) ? on : Object.keys(on);
}

/** The way back to the service. Only the alphabetically first of a circle reports it. */
function circleFrom(start: string, project: Project, way = [start]): readonly string[] | undefined {
  const here = project.services[way.at(-1) ?? ''];
  const next = here === undefined ? [] : dependenciesOf(here);
  if (next.includes(start)) return [...way, start];
  const further = next.filter((name) => name > start && !way.includes(name));
  return further
    .map((name) => circleFrom(start, project, [...way, name]))
    .find((found) => found !== undefined);
}
