import { about, type Finding } from './finding.ts';
import type { Scene } from './scene.ts';

const NAMES = ['GENERATE_URL', 'EMBED_URL', 'RERANK_URL'];

/** Whether containers get what the settings say of model servers; how the servers are, the services tell when they run. */
export function checkModelServers({ settings }: Pick<Scene, 'settings'>): readonly Finding[] {
  const { error, ok } = about('servers');
  const named = NAMES.filter((name) => settings[name]);
  if (named.length === 0) return [];
  const names = named.join(', ');
  if (settings['COMPOSE_FILE']?.includes('remote-models.yaml') !== true)
    return [
      error(
        `${names}: containers do not read it without compose/remote-models.yaml, and run models themselves`,
        'export COMPOSE_FILE=compose.yaml:compose/remote-models.yaml',
      ),
    ];
  const here = named.filter((name) => LOOPBACK.test(settings[name] ?? ''));
  if (here.length > 0)
    return [
      error(
        `${here.join(', ')} names this machine's loopback address, which in a container is the container itself`,
        'podman network connect xnai_model-servers NAME   # and name the container of the server in the URL',
      ),
    ];
  return [ok(`${names}: rag is on a network with the model servers`)];
}

/** In the address of a container it means the container itself. */
export const LOOPBACK = /\/\/(?:localhost|127\.|\[::1\])/;
