import type { Host } from '../host/host.ts';
import type { Addresses } from '../runs/runs.ts';
import { isOfProject, listContainers, serviceOf } from './podman.ts';

/** A stack in containers, as their user can reach it. */
export interface ContainerStack {
  /** Where its services are published. */
  readonly addresses: Addresses;
  readonly key: string;
}

const PROJECT = 'xnai';
const INSIDE = { rag: '8080/tcp', crawler: '8081/tcp' };
const FIRST_KEY = '/run/xnai/first-key';

/** The stack in containers that this user runs; undefined without one, and in a container. */
export async function findContainerStack(host: Host): Promise<ContainerStack | undefined> {
  if (host.has('/run/.containerenv')) return undefined;
  const project = host.env['COMPOSE_PROJECT_NAME'] || PROJECT;
  const running = (await listContainers(host)).filter(
    ({ labels, state }) => state === 'running' && isOfProject(labels, project),
  );
  const idOf = (service: string) => running.find((one) => serviceOf(one, project) === service)?.id;
  const ask = async (service: keyof typeof INSIDE, command: string, ...words: readonly string[]) => {
    const id = idOf(service);
    const ran = id === undefined ? undefined : await host.run('podman', command, id, ...words);
    return ran?.code === 0 ? ran.stdout.trim() : undefined;
  };
  const [rag, crawler, key] = await Promise.all([
    ask('rag', 'port', INSIDE.rag),
    ask('crawler', 'port', INSIDE.crawler),
    ask('rag', 'exec', 'cat', FIRST_KEY),
  ]);
  if (!rag || !crawler || !key) return undefined;
  return { addresses: { rag: urlOf(rag), crawler: urlOf(crawler) }, key };
}

/** The first of the addresses, each a line such as `127.0.0.1:8080`. */
function urlOf(published: string): string {
  const [address = ''] = published.split('\n');
  return `http://${address.replace(/^0\.0\.0\.0:/, '127.0.0.1:').replace(/^\[::\]:/, '[::1]:')}`;
}
