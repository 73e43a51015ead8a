import { resolve } from 'node:path';
import { readProject } from '../read-project.ts';
import type { Project, Service } from '../schema.ts';
import { type Hosts, networksOf, type Placement, placeOn } from './hosts.ts';

type Lines = readonly (readonly [key: string, value: string | number | undefined])[];

/** What a service may have besides the keys that the linter judges. */
interface Unjudged {
  readonly init?: boolean;
  readonly devices?: readonly string[];
  readonly stop_grace_period?: string;
  readonly stop_signal?: string;
  readonly expose?: readonly (string | number)[];
}

/** One of several hosts. */
export interface OnHost {
  readonly hosts: Hosts;
  readonly host: string;
}

/**
 * The services, volumes and networks of a compose file as Quadlet units (podman-systemd.unit(5)), by file name. Volumes
 * and networks keep the names that compose gives them, so that either way of running the stack finds the same data.
 *
 * @param settings what .env says
 * @param on one of several hosts, whose units alone are made: others reach its services by its address
 * @throws {Error} when the file is no compose file, or the hosts do not fit it
 */
export function toUnits(
  files: readonly string[],
  settings: Readonly<Record<string, string | undefined>>,
  on?: OnHost,
): Readonly<Record<string, string>> {
  const { project, written } = readProject(files, settings);
  const always = withoutProfiles(project.services, written.services);
  const placement =
    on && placeOn(on.host, on.hosts, { services: always, exposed: exposedOf(written.services) });
  const services = Object.fromEntries(
    Object.entries(always).filter(([name]) => placement?.isHere(name) !== false),
  );
  const prefix = project.name ?? 'compose';
  const units = (part: object, suffix: string, render: (name: string) => string) =>
    Object.keys(part).map((name) => [`${prefix}-${name}.${suffix}`, render(name)] as const);
  return Object.fromEntries([
    ...units(services, 'container', (name) =>
      container(
        { prefix, name, placement },
        { ...written.services[name], ...(project.services[name] as Service) },
      ),
    ),
    ...units(ofThese(project.volumes, Object.values(services).flatMap(volumesOf)), 'volume', (name) =>
      volume(prefix, name, project),
    ),
    ...units(ofThese(project.networks, Object.values(services).flatMap(networksOf)), 'network', (name) => {
      const isInternal = (project.networks[name] as { internal?: boolean } | null)?.internal === true;
      return render({
        Network: [
          ['NetworkName', `${prefix}_${name}`],
          ['Internal', isInternal && placement?.isSpread(name) !== true ? 'true' : undefined],
        ],
      });
    }),
  ]);
}

/** What compose starts only when it is asked for by name, systemd must not start at boot. */
function withoutProfiles(
  services: Project['services'],
  written: Readonly<Record<string, object | undefined>>,
): Project['services'] {
  const always = Object.entries(services).filter(([name]) => !('profiles' in (written[name] ?? {})));
  return Object.fromEntries(always);
}

function exposedOf(
  services: Readonly<Record<string, Unjudged>>,
): Readonly<Record<string, readonly string[]>> {
  const entries = Object.entries(services).map(
    ([name, { expose = [] }]) => [name, expose.map(String)] as const,
  );
  return Object.fromEntries(entries.filter(([, ports]) => ports.length > 0));
}

/** What none of these services has is not made. */
function ofThese<T extends object>(parts: T, names: readonly string[]): T {
  return Object.fromEntries(Object.entries(parts).filter(([name]) => names.includes(name))) as T;
}

function volumesOf({ volumes }: Service): readonly string[] {
  return volumes.map((mount) =>
    typeof mount === 'string' ? (mount.split(':')[0] ?? '') : (mount.source ?? ''),
  );
}

interface Place {
  readonly prefix: string;
  readonly name: string;
  readonly placement: Placement | undefined;
}

function container(place: Place, service: Service & Unjudged): string {
  const { prefix, name, placement } = place;
  const addresses = new Map(placement?.peersOf(name));
  const image = service.image ?? '';
  const isBuiltHere = image.startsWith('localhost/');
  const ends = service.restart === 'on-failure';
  return render({
    Unit: [
      ['Description', `${prefix} ${name}`],
      // RestartSteps backs off; systemd must not give up.
      ['StartLimitIntervalSec', 0],
    ],
    Container: [
      ['Image', isBuiltHere ? `${image}:latest` : image],
      ['ContainerName', `${prefix}-${name}`],
      ['AutoUpdate', isBuiltHere ? 'local' : 'registry'],
      ['Entrypoint', wordsOf(service.entrypoint).map(quote).join(' ') || undefined],
      ['Exec', wordsOf(service.command).map(quote).join(' ') || undefined],
      ...wallLines(service),
      ...Object.entries(service.environment).map(
        // Whoever asks a name server itself does not find what AddHost says.
        ([key, value]) => ['Environment', quote(`${key}=${addresses.get(value) ?? value}`)] as const,
      ),
      // RestartSteps makes the pauses between starts; without it containers/start.sh would add its own.
      ['Environment', 'RESTART_BACKOFF=systemd'],
      ...service.volumes.map((mount) => ['Volume', volumeOf(prefix, String(mount))] as const),
      ...service.tmpfs.map((mount) => ['Tmpfs', mount] as const),
      ...(service.devices ?? []).map((device) => ['AddDevice', device] as const),
      ...service.group_add.map((one) => ['GroupAdd', one] as const),
      ...reachLines(place, service),
      ['ShmSize', service.shm_size],
      ['PidsLimit', service.pids_limit],
      // The key Memory is younger than Podman 5.4.
      ['PodmanArgs', service.mem_limit === undefined ? undefined : `--memory=${service.mem_limit}`],
      ['StopSignal', service.stop_signal],
      ['StopTimeout', service.stop_grace_period?.replace(/s$/, '')],
      ...healthLines(service),
    ],
    Service: [
      ['Restart', ends ? 'on-failure' : 'always'],
      ['RestartSec', '100ms'],
      ['RestartSteps', 8],
      ['RestartMaxDelaySec', 60],
      ['TimeoutStartSec', 300],
    ],
    Install: [['WantedBy', 'default.target']],
  });
}

/** Who it is, and what it may do. */
function wallLines(service: Service & Unjudged): Lines {
  const [user, group] = (service.user ?? '').split(':');
  return [
    ['User', user],
    ['Group', group],
    ['UserNS', service.userns_mode],
    ['ReadOnly', String(service.read_only)],
    ['RunInit', String(service.init === true)],
    ...service.cap_drop.map((cap) => ['DropCapability', cap.toLowerCase()] as const),
    ...service.security_opt.map(securityLine),
  ];
}

/** Whom it reaches, and who reaches it. */
function reachLines({ prefix, name, placement }: Place, service: Service): Lines {
  const peers = placement?.peersOf(name) ?? [];
  return [
    ...networksOf(service).map((network) => ['Network', `${prefix}-${network}.network`] as const),
    ['NetworkAlias', name],
    ...peers.map(([peer, address]) => ['AddHost', `${peer}:${address}`] as const),
    ...[...service.ports, ...(placement?.publishedOf(name) ?? [])].map(
      (port) => ['PublishPort', String(port)] as const,
    ),
  ];
}

/** An unhealthy container is ended, and systemd starts it again; an update whose container is unhealthy is rolled back. */
function healthLines({ healthcheck }: Service): Lines {
  if (healthcheck?.test === undefined) return [];
  const {
    interval,
    timeout,
    retries,
    start_period: start,
  } = healthcheck as Record<string, string | undefined>;
  return [
    ['HealthCmd', wordsOf(healthcheck.test).slice(1).map(quote).join(' ')],
    ['HealthInterval', interval],
    ['HealthTimeout', timeout],
    ['HealthRetries', retries],
    ['HealthStartPeriod', start],
    ['HealthOnFailure', 'kill'],
    ['Notify', 'healthy'],
  ];
}

function volume(prefix: string, name: string, { volumes }: Project): string {
  const { type, device, o } = (volumes[name]?.driver_opts ?? {}) as Record<string, string | undefined>;
  return render({
    Volume: [
      ['VolumeName', `${prefix}_${name}`],
      ['Type', type],
      ['Device', device],
      ['Options', o],
    ],
  });
}

function securityLine(option: string): readonly [string, string] {
  if (option.startsWith('no-new-privileges')) return ['NoNewPrivileges', 'true'];
  const [kind = '', value = ''] = option.split('=');
  return kind === 'seccomp' ? ['SeccompProfile', resolve(value)] : ['PodmanArgs', `--security-opt=${option}`];
}

function volumeOf(prefix: string, mount: string): string {
  // Relative paths begin in the project's folder for compose, and in the unit's for systemd.
  if (/^\.{1,2}\//.test(mount)) return mount.replace(/^[^:]+/, (source) => resolve(source));
  return /^[/~]/.test(mount) ? mount : `${prefix}-${mount.replace(':', '.volume:')}`;
}

function wordsOf(words: Service['command']): readonly string[] {
  return typeof words === 'string' ? words.split(/\s+/) : (words ?? []);
}

/** As systemd.syntax(7) reads a word; `%` and `$` begin its own specifiers and variables. */
function quote(word: string): string {
  const escaped = word.replaceAll('%', '%%').replaceAll('$', '$$$$');
  return /^[\w@%+=:,./-]+$/.test(escaped) ? escaped : `"${escaped.replaceAll(/["\\]/g, '\\$&')}"`;
}

function render(sections: Readonly<Record<string, Lines>>): string {
  const texts = Object.entries(sections).map(([section, lines]) => {
    const set = lines.filter(([, value]) => value !== undefined && value !== '');
    return `[${section}]\n${set.map(([key, value]) => `${key}=${value}\n`).join('')}`;
  });
  return texts.join('\n');
}
