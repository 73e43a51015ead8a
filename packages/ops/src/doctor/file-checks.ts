import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { listKeys } from '@xnai/service';
import { REDIS_FOLDER } from '../redis-folder.ts';
import { listRuns, type Run, runBases } from '../runs/runs.ts';
import { about, type Finding } from './finding.ts';
import type { Scene } from './scene.ts';

/** Where the stack keeps its files: in a data folder, or in volumes, or in the mounts of a container. */
function places({ podman, host, root, project, dataDir, settings, isInside }: Scene) {
  const own = (setting: string, otherwise: string) =>
    host.at(resolve(root, settings[setting] || join(dataDir, otherwise)));
  const volume = (name: string) =>
    podman.kind === 'works'
      ? host.at(join(podman.info.store.volumePath, `${project}_${name}`, '_data'))
      : undefined;
  const are = (...folders: readonly (string | undefined)[]) =>
    [...new Set(folders)].filter((folder): folder is string => folder !== undefined);
  return {
    secrets: isInside
      ? [host.at('/run/xnai')]
      : are(...['secrets-rag', 'secrets-redis', 'secrets-crawler'].map(volume)),
    keys: [own('XNAI_API_KEYS_FILE', 'keys.json')],
    models: are(own('RAG_MODELS_DIR', 'models'), volume('models')),
    indexes: are(own('RAG_INDEX_DIR', 'index'), volume('rag-index')),
  };
}

/** The files with the hashes of keys that this stack reads. */
export function keyFilesOf(scene: Scene): readonly string[] {
  const { keys, secrets } = places(scene);
  return [...keys, ...secrets.map((folder) => join(folder, 'keys.json'))].filter(isFile);
}

export async function checkKeys(scene: Scene): Promise<readonly Finding[]> {
  const { error, warning, ok } = about('keys');
  const { secrets, keys } = places(scene);
  const files = [...keys, ...secrets.flatMap((folder) => globSync(`${folder}/*`))].filter((file) =>
    isFile(file),
  );
  const open = files.filter((file) => (statSync(file).mode & 0o077) !== 0);
  const broken = await findBroken(files.filter((file) => file.endsWith('keys.json')));
  const env = scene.host.at(join(scene.root, '.env'));
  const isShown =
    /^\s*REDIS_PASSWORD=\S/m.test(isFile(env) ? readFileSync(env, 'utf8') : '') &&
    (statSync(env).mode & 0o044) !== 0;
  const findings = [
    ...open.map((file) => error(`other users may read ${file}`, `chmod 600 ${file}`)),
    ...broken.map(({ file, reason }) =>
      error(reason, `mv ${file} ${file}.broken   # the next start makes a new first key`),
    ),
    ...(isShown ? [warning('other users may read REDIS_PASSWORD in .env', `chmod 600 ${env}`)] : []),
  ];
  if (findings.length > 0) return findings;
  return [
    ok(
      files.length === 0
        ? 'none yet: the first start makes one'
        : `their owner alone may read them (${files.length})`,
    ),
  ];
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

async function findBroken(keysFiles: readonly string[]) {
  const broken: { file: string; reason: string }[] = [];
  for (const file of keysFiles)
    await listKeys(file).catch((error: Error) => broken.push({ file, reason: error.message }));
  return broken;
}

export function checkDataFolder({ dataDir, host }: Scene): readonly Finding[] {
  const { error, warning } = about('data');
  const folders = [dataDir, join(dataDir, REDIS_FOLDER)].filter((path) => existsSync(host.at(path)));
  return folders.flatMap((path) => {
    const { uid, mode } = statSync(host.at(path));
    if (uid !== host.user.uid && host.user.uid !== 0)
      return error(
        `${path} belongs to another user (uid ${uid})`,
        `sudo --user '#${uid}' npm run doctor   # or another folder: XNAI_DATA_DIR=./data2`,
      );
    return (mode & 0o077) === 0 ? [] : warning(`other users may look into ${path}`, `chmod 700 ${path}`);
  });
}

export async function checkModels(scene: Scene): Promise<readonly Finding[]> {
  const { error, ok } = about('models');
  const folders = places(scene).models.filter((folder) => existsSync(folder));
  const findings = await Promise.all(
    folders.map(async (directory) => {
      const verdicts = await scene.verifyModels({ directory });
      const damaged = verdicts.filter(({ isIntact }) => !isIntact);
      const whole = verdicts.length - damaged.length;
      return [
        ...damaged.map(({ name }) =>
          error(
            `${join(directory, name)} is damaged`,
            `npm run models -- rm ${name} && npm run models -- pull`,
          ),
        ),
        ...(whole > 0 ? [ok(`${whole} in ${directory}, whole`)] : []),
      ];
    }),
  );
  return findings.flat();
}

export function checkIndexes(scene: Scene): readonly Finding[] {
  const files = places(scene).indexes.map((folder) => join(folder, 'rag.sqlite'));
  return files.filter((file) => existsSync(file)).map(checkIndex);
}

function checkIndex(file: string): Finding {
  const { error, advice, ok } = about('index');
  const isOpen = existsSync(`${file}-shm`);
  if (existsSync(`${file}-wal`) && !isOpen)
    return advice(
      `${file} was not closed: the next start of rag checks it`,
      'npm start   # or: podman compose up -d',
    );
  try {
    // A file that nobody has open is read as it is; SQLite would lay others beside it otherwise.
    using db = new DatabaseSync(isOpen ? file : `file:${encodeURI(file)}?immutable=1`, { readOnly: true });
    const rows = db.prepare('PRAGMA quick_check(1)').all();
    const verdict = String(rows[0]?.['quick_check']);
    if (verdict === 'ok') return ok(`${file} is whole`);
    return error(`${file} is damaged: ${verdict}`, aside(file));
  } catch (cause) {
    return error(`${file} cannot be read: ${(cause as Error).message}`, aside(file));
  }
}

function aside(file: string): string {
  return `mv ${dirname(file)} ${dirname(file)}.damaged   # with the stack stopped; then restore a backup, or crawl again`;
}

/** A start that was killed leaves sockets and secrets behind, until the next start. */
export async function checkRuns({ host, isInside, dataDir }: Scene): Promise<readonly Finding[]> {
  const runs = isInside ? [] : await listRuns(runBases(host.env).map(host.at));
  return [...findLeft(runs), ...findOtherFolder(runs, dataDir)];
}

function findLeft(runs: readonly Run[]): readonly Finding[] {
  const left = runs.filter(({ isAlive }) => !isAlive);
  const { advice } = about('runs');
  return left.map(({ path, children }) =>
    advice(
      `a start that was killed has left ${path} and ${children.length} processes behind`,
      'npm run reclaim',
    ),
  );
}

/** What is said of files and what the services say would be of two stacks. */
function findOtherFolder(runs: readonly Run[], dataDir: string): readonly Finding[] {
  const used = runs.flatMap((run) => (run.isAlive && run.dataDir !== undefined ? [run.dataDir] : []));
  if (used.length === 0 || used.includes(dataDir)) return [];
  const { warning } = about('data');
  const command = `XNAI_DATA_DIR='${used[0]}' npm run doctor`;
  return [warning(`this looks at ${dataDir}, and the stack that runs uses ${used.join(' and ')}`, command)];
}
