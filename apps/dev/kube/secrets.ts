import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeSecretFiles } from '@xnai/secrets';
import { makeFolder } from '@xnai/service/make-folder';
import { writeVolumes } from '../write-volumes.ts';
import { type GivenOptions, keepOptions, OWN_STORE, readOptions } from './kept-options.ts';
import type { Manifest } from './manifests.ts';

export interface SecretsOptions extends GivenOptions {
  readonly report: (message: string) => void;
}

/** The folders of `writeVolumes` that pods read; each is the Secret `xnai-NAME`, at /run/xnai. */
const FOLDERS = ['balancer', 'crawler', 'database', 'rag', 'sentinel', 'valkey'];
/** The image of PostgreSQL runs what lies in a folder of its own: a Secret for itself. */
const MAKE_DATABASE = ['first.sql', 'last.sh'];
/** What no pod needs: locks, how the services of compose start, and the key for people. */
const KEPT_HERE = /^(\.|start\.sh$|first-key$|store-password$)|\.lock/;

/**
 * The Secrets of deploy/kube, out of a folder that keeps what they are made of (0700): with the same folder the same ones
 * come of it, and keys that were made or revoked in its `rag/keys.json`. It keeps what was given, for the next time.
 *
 * @throws {Error} when `store` does not name a database and its user
 */
export async function makeSecrets(
  folder: string,
  { report, ...given }: SecretsOptions,
): Promise<readonly Manifest[]> {
  const options = await readOptions(folder, given);
  const { store, names, maxMemory } = options;
  if (store !== OWN_STORE) checkStore(store);
  for (const name of ['', ...FOLDERS]) await makeFolder(join(folder, name));
  await keepOptions(folder, options);
  await writeVolumes(folder, {
    seed: undefined,
    maxMemory,
    auditFolder: join(folder, 'audit'),
    balancerNames: names,
    replicas: ['0', '1', '2'],
    report: (message) =>
      report(message.replace(/: podman .*/, `: it is in ${join(folder, 'rag/first-key')}`)),
  });
  const password = (await readFile(join(folder, 'rag/store-password'), 'utf8')).trim();
  const url = store === OWN_STORE ? `postgres://rag:${password}@database:5432/rag` : store;
  await writeSecretFiles(folder, [{ path: 'rag/store-url', content: `${url}\n` }]);
  const secrets = FOLDERS.map(async (name) => {
    const files = (await readdir(join(folder, name))).filter(
      (file) => !KEPT_HERE.test(file) && !MAKE_DATABASE.includes(file),
    );
    return secretOf(`xnai-${name}`, join(folder, name), files.sort());
  });
  return [
    ...(await Promise.all(secrets)),
    await secretOf('xnai-database-first', join(folder, 'database'), MAKE_DATABASE),
  ];
}

function checkStore(url: string): void {
  const { protocol, username, pathname = '' } = URL.parse(url) ?? {};
  if (/^postgres(ql)?:$/.test(protocol ?? '') && username !== '' && pathname.length > 1) return;
  throw new Error(`--store: expected postgres://USER:PASSWORD@HOST:PORT/DATABASE, or ${OWN_STORE}`);
}

async function secretOf(name: string, folder: string, files: readonly string[]): Promise<Manifest> {
  const data = files.map(async (file) => [file, await readFile(join(folder, file), 'base64')] as const);
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, labels: { 'app.kubernetes.io/part-of': 'xnai' } },
    type: 'Opaque',
    data: Object.fromEntries(await Promise.all(data)),
  };
}
