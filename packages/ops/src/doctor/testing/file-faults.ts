import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Fault } from './fault.ts';

export const FILE_FAULTS: readonly Fault[] = [
  [
    'keys that all may read',
    'error',
    /other users may read .*keys\.json/,
    'chmod 600',
    ({ checkout }) => {
      mkdirSync(join(checkout, 'data'), { mode: 0o700 });
      writeFileSync(join(checkout, 'data/keys.json'), '{"version":1,"keys":[]}', { mode: 0o644 });
    },
  ],
  [
    'a key file that is cut off',
    'error',
    /keys\.json/,
    'keys.json.broken',
    ({ checkout }) => {
      mkdirSync(join(checkout, 'data'), { mode: 0o700 });
      writeFileSync(join(checkout, 'data/keys.json'), '{"version":1,"ke', { mode: 0o600 });
    },
  ],
  [
    'secrets in a volume that all may read',
    'error',
    /may read .*redis-url/,
    'chmod 600',
    ({ file }) => chmodSync(file('/home/me/volumes/xnai_secrets-rag/_data/redis-url', 'redis://'), 0o644),
  ],
  [
    'a password in a .env that all may read',
    'warning',
    /REDIS_PASSWORD in \.env/,
    'chmod 600',
    ({ checkout }) => writeFileSync(join(checkout, '.env'), 'REDIS_PASSWORD=x\n', { mode: 0o644 }),
  ],
  [
    'a data folder that all may look into',
    'warning',
    /may look into/,
    'chmod 700',
    ({ checkout }) => mkdirSync(join(checkout, 'data'), { mode: 0o755 }),
  ],
  [
    'crawls that all may look into',
    'warning',
    /may look into .*data\/redis/,
    'data/redis',
    ({ checkout }) => {
      mkdirSync(join(checkout, 'data'), { mode: 0o700 });
      mkdirSync(join(checkout, 'data/redis'), { mode: 0o755 });
    },
  ],
  [
    'a model that was cut off',
    'error',
    /small\.gguf is damaged/,
    'models -- rm acme/small.gguf',
    ({ checkout, damaged }) => {
      mkdirSync(join(checkout, 'data/models'), { recursive: true, mode: 0o700 });
      damaged.push('acme/small.gguf');
    },
  ],
  [
    'an index whose pages are damaged',
    'error',
    /rag\.sqlite is damaged|cannot be read/,
    'with the stack stopped',
    ({ checkout }) => {
      const file = makeIndex(checkout);
      const bytes = Buffer.alloc(4096, 0xff);
      writeFileSync(file, bytes, { flag: 'r+', flush: true });
    },
  ],
  [
    'an index that was not closed',
    'advice',
    /was not closed/,
    'npm start',
    ({ checkout }) => writeFileSync(`${makeIndex(checkout)}-wal`, 'x'),
  ],
];

function makeIndex(checkout: string): string {
  const folder = join(checkout, 'data/index');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(join(checkout, 'data'), 0o700);
  using db = new DatabaseSync(join(folder, 'rag.sqlite'));
  db.exec('CREATE TABLE t (a); INSERT INTO t VALUES (zeroblob(20000))');
  return join(folder, 'rag.sqlite');
}
