import { about, type Finding } from './finding.ts';
import { LOOPBACK } from './model-servers-check.ts';
import type { Scene } from './scene.ts';

const MODELS = ['GENERATE_MODEL', 'EMBED_MODEL', 'RERANK_MODEL'];

/** Whether containers reach the object store that the settings name. */
export function checkModelStore({ settings }: Pick<Scene, 'settings'>): readonly Finding[] {
  const { error, ok } = about('store');
  const named = MODELS.filter((name) => settings[name]?.startsWith('s3:'));
  const names = named.join(', ');
  const endpoint = settings['MODEL_STORE_ENDPOINT'];
  if (named.length === 0 && !endpoint) return [];
  if (settings['COMPOSE_FILE']?.includes('model-store.yaml') !== true)
    return [
      error(
        `${names || 'MODEL_STORE_ENDPOINT'}: containers reach no object store without compose/model-store.yaml`,
        'export COMPOSE_FILE=compose.yaml:compose/model-store.yaml',
      ),
    ];
  if (!endpoint)
    return [
      error(`${names}: no object store is named`, "echo 'MODEL_STORE_ENDPOINT=http://minio:9000' >>.env"),
    ];
  if (LOOPBACK.test(endpoint))
    return [
      error(
        "MODEL_STORE_ENDPOINT names this machine's loopback address, which in a container is the container itself",
        'podman network connect xnai_model-store NAME   # and name the container of the store in the URL',
      ),
    ];
  const fromHub = MODELS.filter((name) => settings[name]?.startsWith('hf:'));
  if (fromHub.length > 0)
    return [
      error(
        `${fromHub.join(', ')}: with compose/model-store.yaml no hub is reached`,
        'npm run models -- pull REFERENCE   # then put the file into the store, and name it by s3:',
      ),
    ];
  return [ok(`${names || 'no model'} from ${endpoint}`)];
}
