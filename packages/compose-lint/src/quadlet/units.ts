import { resolve } from 'node:path';
import { readProject } from '../read-project.ts';
import type { Project, Service } from '../schema.ts';

type Lines = readonly (readonly [key: string, value: string | number | undefined])[];

/** What a service may have besides the keys that the linter judges. */
interface Unjudged {
  readonly init?: boolean;
  readonly devices?: readonly string[];
  readonly stop_grace_period?: string;
}

/**
 * The services, volumes and networks of a compose file as Quadlet units (podman-systemd.unit(5)), by file name. Volumes
 * and networks keep the names that compose gives them, so that either way of running the stack finds the same data.
 *
 * @param settings what .env says
 * @throws {Error} when the file is no compose file
 */
export function toUnits(
  files: readonly string[],
  settings: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const { project, written } = readProject(files, settings);
  const prefix = project.name ?? 'compose';
  const units = (part: object, suffix: string, render: (name: string) => string) =>
    Object.keys(part).map((name) => [`${prefix}-${name}.${suffix}`, render(name)] as const);
  return Object.fromEntries([
    ...units(withoutProfiles(project.services, written.services), 'container', (name) =>
      container(prefix, name, { ...written.services[name], ...(project.services[name] as Service) }),
    ),
    ...units(project.volumes, 'volume', (name) => volume(prefix, name, project)),
    ...units(project.networks, 'network', (name) => {
      const isInternal = (project.networks[name] as { internal?: boolean } | null)?.internal === true;
      return render({
        Network: [
          ['NetworkName', `${prefix}_${name}`],
          ['Internal', isInternal ? 'true' : undefined],
        ],
      });
    }),
  ]);
}

/** What compose starts only when it is asked for by name, systemd must not start at boot. */
function withoutProfiles(services: object, written: Readonly<Record<string, object | undefined>>): object {
  const always = Object.entries(services).filter(([name]) => !('profiles' in (written[name] ?? {})));
  return Object.fromEntries(always);
}

function container(prefix: string, name: string, service: Service & Unjudged): string {
  const [user, group] = (service.user ?? '').split(':');
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
      ['User', user],
      ['Group', group],
      ['UserNS', service.userns_mode],
      ['ReadOnly', String(service.read_only)],
      ['RunInit', String(service.init === true)],
      ...service.cap_drop.map((cap) => ['DropCapability', cap.toLowerCase()] as const),
      ...service.security_opt.map(securityLine),
      ...Object.entries(service.environment).map(
        ([key, value]) => ['Environment', quote(`${key}=${value}`)] as const,
      ),
      // RestartSteps makes the pauses between starts; without it containers/start.sh would add its own.
      ['Environment', 'RESTART_BACKOFF=systemd'],
      ...service.volumes.map((mount) => ['Volume', volumeOf(prefix, String(mount))] as const),
      ...service.tmpfs.map((mount) => ['Tmpfs', mount] as const),
      ...(service.devices ?? []).map((device) => ['AddDevice', device] as const),
      ...service.group_add.map((one) => ['GroupAdd', one] as const),
      ...networksOf(service).map((network) => ['Network', `${prefix}-${network}.network`] as const),
      ['NetworkAlias', name],
      ...service.ports.map((port) => ['PublishPort', String(port)] as const),
      ['ShmSize', service.shm_size],
      ['PidsLimit', service.pids_limit],
      // The key Memory is younger than Podman 5.4.
      ['PodmanArgs', service.mem_limit === undefined ? undefined : `--memory=${service.mem_limit}`],
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

function networksOf({ networks }: Service): readonly string[] {
  return Array.isArray(networks) ? networks : Object.keys(networks);
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
