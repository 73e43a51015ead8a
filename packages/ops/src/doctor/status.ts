import type { Readiness } from '@xnai/contracts';
import type { Host } from '../host/host.ts';
import { serviceOf } from '../podman/podman.ts';
import { openScene } from './scene.ts';
import { askReadiness, servicesOf } from './service-checks.ts';

export interface StackStatus {
  readonly services: readonly ServiceStatus[];
  readonly containers: readonly {
    readonly service: string;
    readonly state: string;
    readonly health: string | undefined;
  }[];
}

export interface ServiceStatus {
  readonly name: string;
  readonly url: string;
  /** As `/readyz` says it; `stopped` where nothing listens, `foreign` where something else answers, `silent` where nothing does. */
  readonly status: Readiness['status'] | 'stopped' | 'foreign' | 'silent';
  readonly readiness: Readiness | undefined;
}

/**
 * What the services of a stack say of themselves, and the state of its containers.
 * @param root the checkout
 */
export async function readStatus(host: Host, root: string): Promise<StackStatus> {
  const scene = await openScene(host, { root, verifyModels: async () => [] });
  const services = servicesOf(scene).map(async ({ name, port }): Promise<ServiceStatus> => {
    const answer = await askReadiness(port);
    const url = `http://127.0.0.1:${port}`;
    if (typeof answer === 'object') return { name, url, status: answer.status, readiness: answer };
    return { name, url, status: answer === 'refused' ? 'stopped' : answer, readiness: undefined };
  });
  return {
    services: await Promise.all(services),
    containers: scene.containers.map((container) => ({
      service: serviceOf(container, scene.project),
      state: container.state,
      health: container.health,
    })),
  };
}
