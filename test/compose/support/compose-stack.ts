import { waitUntil } from '@xnai/testing';
import { createApi } from '../../support/api.ts';
import type { Finished, Machine } from './machine.ts';

export const PROVIDERS = {
  'podman-compose 1.6': '/usr/local/bin/podman-compose',
  'podman-compose 1.3': '/usr/bin/podman-compose',
  'docker-compose 2.26': '/usr/libexec/docker/cli-plugins/docker-compose',
} as const;
export type Provider = keyof typeof PROVIDERS;

export interface ComposeStackOptions {
  readonly provider?: Provider;
  /** Default: compose.yaml. */
  readonly file?: string;
  /** Overlays, laid over compose.yaml in this order. */
  readonly overlays?: readonly string[];
  /** What a .env would say. */
  readonly env?: Readonly<Record<string, string>>;
}

const PORTS = { RAG_PUBLISH: '19480', CRAWL_PUBLISH: '19481' };
const UP_MS = 180_000;
const HEALTHY_MS = 60_000;

/** The stack as `podman compose` runs it, on ports of its own. */
export function createComposeStack(machine: Machine, options: ComposeStackOptions = {}) {
  const { provider = 'podman-compose 1.6', file = 'compose.yaml', overlays = [], env = {} } = options;
  const variables = {
    ...PORTS,
    GENERATE_MODEL: 'none',
    PODMAN_COMPOSE_PROVIDER: PROVIDERS[provider],
    ...env,
  };
  const files = [file, ...overlays].flatMap((one) => ['-f', one]);

  const containers = createContainers(machine);
  const { containerOf, exec } = containers;

  async function compose(args: readonly string[], timeoutMs = UP_MS): Promise<Finished> {
    containers.forget();
    return machine.run(['podman', 'compose', ...files, ...args], { env: variables, timeoutMs });
  }

  return {
    machine,
    variables,
    compose,
    containerOf,
    exec,
    async up(...more: readonly string[]): Promise<Finished> {
      return compose(['up', '-d', ...more]);
    },
    down: (...more: readonly string[]) => compose(['down', ...more], 60_000),
    /** Both APIs answer, and not only what answers in their place before their start. @throws Error with the logs when they do not in time */
    async healthy(): Promise<void> {
      const urls = Object.values(PORTS).map((port) => `http://127.0.0.1:${port}/readyz`);
      await waitUntil(
        'all services are healthy',
        async () => (await Promise.all(urls.map(isUp))).every(Boolean) || undefined,
        {
          timeoutMs: HEALTHY_MS,
          describe: () => `${urls.join(' and ')}`,
        },
      );
    },
    async api() {
      const key = (await exec('rag', ['cat', '/run/xnai/first-key'])).output.trim();
      const [ragUrl, crawlerUrl] = Object.values(PORTS).map((port) => `http://127.0.0.1:${port}`);
      return createApi({ ragUrl: ragUrl ?? '', crawlerUrl: crawlerUrl ?? '', key });
    },
    inspect: containers.inspect,
    logs: containers.logs,
    healthCheck: containers.healthCheck,
    processes: containers.processes,
    /** kill -9 from the host, which the engine takes for a crash: after `podman kill` it restarts nothing. */
    killProcess: (pid: string) => machine.run(['kill', '-9', pid]),
    health: containers.health,
    status: containers.status,
    /** kill -9 of every process of every container. */
    async killAll(): Promise<void> {
      await machine.run(['sh', '-c', 'podman kill --signal KILL $(podman ps -q)']);
    },
    async [Symbol.asyncDispose]() {
      await leaveNothing(machine, await compose(['down', '-v'], 120_000));
    },
  };
}

export type ComposeStack = ReturnType<typeof createComposeStack>;

/** What an end that failed leaves behind would be taken for the next stack's own. */
async function leaveNothing(machine: Machine, down: Finished): Promise<void> {
  if (down.code === 0) return;
  process.stderr.write(`compose down ended with ${down.code}:\n${down.output}\n`);
  await machine.run(['podman', 'rm', '-af', '-t', '0']);
}

/** The containers by the names of their services. */
function createContainers(machine: Machine) {
  const known = new Map<string, string>();

  async function containerOf(service: string): Promise<string> {
    const label = `label=com.docker.compose.service=${service}`;
    const id = known.get(service) ?? (await idBy(label));
    if (id === undefined) throw new Error(`there is no container of ${service}`);
    known.set(service, id);
    return id;
  }

  async function idBy(label: string): Promise<string | undefined> {
    const { output } = await machine.run(['podman', 'ps', '-aq', '--filter', label]);
    return output.trim().split('\n')[0] || undefined;
  }

  const podman = async (command: string, service: string, ...args: readonly string[]) =>
    machine.run(['podman', command, await containerOf(service), ...args]);

  return {
    containerOf,
    /** Another `up` or `down` makes others. */
    forget: () => known.clear(),
    exec: (service: string, command: readonly string[]) => podman('exec', service, ...command),
    inspect: async (service: string) => (await podman('inspect', service)).output,
    logs: async (service: string) => (await podman('logs', service)).output,
    /** The process ids on the host, the container's first process first. */
    processes: async (service: string) =>
      (await podman('top', service, 'hpid')).output.trim().split(/\s+/).slice(1),
    /** `starting`, `healthy` or `unhealthy`. */
    health: async (service: string) =>
      (await podman('inspect', service, '--format', '{{.State.Health.Status}}')).output.trim(),
    /** As `podman ps` shows it: `Up 4 seconds (healthy)`. */
    status: async (service: string) => {
      const filter = `id=${await containerOf(service)}`;
      const ps = await machine.run(['podman', 'ps', '--filter', filter, '--format', '{{.Status}}']);
      return ps.output.trim();
    },
    /** @returns 0 when the service's health check passes */
    healthCheck: async (service: string) =>
      (await machine.run(['podman', 'healthcheck', 'run', await containerOf(service)])).code,
  };
}

async function isUp(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2000) }).catch(() => undefined);
  return response?.ok === true;
}
