import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Fault } from './fault.ts';

export const HOST_FAULTS: readonly Fault[] = [
  [
    'gpu.yaml without a GPU',
    'error',
    /there is no \/dev\/dri/,
    'unset COMPOSE_FILE',
    ({ set }) => set('COMPOSE_FILE', 'compose.yaml:compose/gpu.yaml'),
  ],
  [
    'an object store that containers do not reach',
    'error',
    /GENERATE_MODEL: containers reach no object store/,
    'compose/model-store.yaml',
    ({ set }) => set('GENERATE_MODEL', 's3://models/small.gguf'),
  ],
  [
    'models of an object store that is not named',
    'error',
    /EMBED_MODEL: no object store is named/,
    'MODEL_STORE_ENDPOINT=',
    ({ set }) => {
      set('EMBED_MODEL', 's3://models/small.gguf');
      set('COMPOSE_FILE', 'compose.yaml:compose/model-store.yaml');
    },
  ],
  [
    'a model of a hub where the store alone is reached',
    'error',
    /EMBED_MODEL: with compose.model-store.yaml no hub is reached/,
    'pull REFERENCE',
    ({ set }) => {
      set('EMBED_MODEL', 'hf:acme/small');
      set('MODEL_STORE_ENDPOINT', 'http://minio:9000');
      set('COMPOSE_FILE', 'compose.yaml:compose/model-store.yaml');
    },
  ],
  [
    'model servers that containers are not told of',
    'error',
    /GENERATE_URL: containers do not read it/,
    'compose/remote-models.yaml',
    ({ set }) => set('GENERATE_URL', 'http://llama:8080'),
  ],
  [
    'a model server at the loopback address of a container',
    'error',
    /EMBED_URL names this machine's loopback address/,
    'podman network connect',
    ({ set }) => {
      set('EMBED_URL', 'http://127.0.0.1:8080');
      set('COMPOSE_FILE', 'compose.yaml:compose/remote-models.yaml');
    },
  ],
  [
    'a GPU without a driver',
    'warning',
    /no Vulkan driver/,
    'mesa-vulkan-drivers',
    ({ file }) => file('/dev/dri/renderD128', ''),
  ],
  [
    'little memory',
    'error',
    /has 1\.0 GB of memory/,
    'RAG_MEM_LIMIT=1500m',
    ({ file }) => file('/proc/meminfo', 'MemTotal: 1000000 kB\nMemAvailable: 900000 kB\n'),
  ],
  [
    'limits beyond the memory',
    'warning',
    /may take 10\.\d GB together, and this machine has 4\.1 GB/,
    'CRAWL_MEM_LIMIT',
    ({ file }) => file('/proc/meminfo', 'MemTotal: 4000000 kB\nMemAvailable: 3900000 kB\n'),
  ],
  [
    'a compose file that is none',
    'error',
    /compose\.yaml: /,
    'npm run lint:compose',
    ({ checkout }) => writeFileSync(join(checkout, 'compose.yaml'), 'services: [\n'),
  ],
  [
    'swap on a disk',
    'advice',
    /can be swapped to \/dev\/sda2/,
    'sudo swapoff',
    ({ file }) => file('/proc/swaps', 'Filename Type Size Used Priority\n/dev/sda2 partition 8388604 0 -2\n'),
  ],
  [
    'a clock that stands before the checkout',
    'error',
    /before this checkout was made/,
    'timedatectl set-ntp true',
    ({ checkout }) => utimesSync(join(checkout, 'package.json'), 4e9, 4e9),
  ],
  [
    'a clock that nobody sets',
    'warning',
    /not synchronised/,
    'set-ntp true',
    ({ program }) => program('timedatectl', { show: { out: 'no\n' } }),
  ],
];
