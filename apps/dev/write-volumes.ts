import { existsSync } from 'node:fs';
import { copyFile, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { commandAudit } from '@xnai/ops/audit';
import {
  createStackFiles,
  ensureSigningKey,
  renderRedisConfig,
  type SecretFile,
  writeSecretFiles,
} from '@xnai/secrets';
import { type AuditLog, ensureFirstKey, generateKey, listKeys } from '@xnai/service';
import { makeFolder } from '@xnai/service/make-folder';
import { readText } from './read-text.ts';
import { isKnown, renewCrawlerKey } from './start/keys.ts';
import { writeMonitoring } from './write-monitoring.ts';
import { type Replicas, writeScale } from './write-scale.ts';

export interface VolumesOptions {
  readonly seed: string | undefined;
  readonly maxMemory: `${number}mb`;
  /** The folder of the audit chains. */
  readonly auditFolder: string;
  /** Where alerts go. */
  readonly alertWebhookUrl?: string | undefined;
  /** Names and addresses of the balancer of compose/scale.yaml. */
  readonly balancerNames?: readonly string[] | undefined;
  /** What the names of the servers of Valkey end in, where they are several. */
  readonly replicas?: Replicas | undefined;
  readonly report: (message: string) => void;
}

/** The path at which each service has its own volume. */
const MOUNTED_AT = '/run/xnai';

/**
 * Writes what a stack in containers needs before its first start, a folder (a volume) for each service: Redis users,
 * configuration and health check; each service's logins; key hashes; the first API key; the crawler's key for rag.
 * Complete sets of files stay unchanged, so that it can be repeated; an incomplete set is written again.
 */
export async function writeVolumes(folder: string, options: VolumesOptions): Promise<void> {
  const { seed, maxMemory, auditFolder, alertWebhookUrl, balancerNames, replicas, report } = options;
  // The folder is there with compose/scale.yaml alone.
  const isScaled = existsSync(join(folder, 'database'));
  if (isScaled) await writeScale(folder, { seed, maxMemory, names: balancerNames, replicas });
  else await writeRedis(folder, { seed, maxMemory, report });
  const keyFile = join(folder, 'rag/audit-key');
  await ensureSigningKey(keyFile);
  await replaceByCopy(keyFile, join(folder, 'crawler/audit-key'));
  const audit = commandAudit({ folder: auditFolder, keyFile });
  await writeKeys(folder, audit, report);
  // The folder is there with compose/monitoring.yaml alone.
  if (existsSync(join(folder, 'prometheus'))) {
    const redisPassword = (await readText(join(folder, 'redis/monitor-password'))) ?? '';
    const keys = join(folder, 'rag/keys.json');
    await writeMonitoring(folder, { keys, audit, redisPassword, webhookUrl: alertWebhookUrl });
  }
  await replaceByCopy(join(folder, 'rag/keys.json'), join(folder, 'crawler/keys.json'));
  // The owner fills it; the crawler reads it anew for each message.
  const webhooks = 'crawler/webhook-secrets.json';
  if (!existsSync(join(folder, webhooks)))
    await writeSecretFiles(folder, [{ path: webhooks, content: '{}\n' }]);
  await writeStart(folder);
  if (isScaled) return;
  // Of the service `backup`, which has no other secret.
  await makeFolder(join(folder, 'backup'));
  for (const name of ['keys.json', 'audit-key'])
    await replaceByCopy(join(folder, 'rag', name), join(folder, 'backup', name));
}

async function writeRedis(
  folder: string,
  { seed, maxMemory, report }: Pick<VolumesOptions, 'seed' | 'maxMemory' | 'report'>,
): Promise<void> {
  const redis = redisFiles(seed);
  const isThere = (await Promise.all(redis.map(({ path }) => readText(join(folder, path))))).every(Boolean);
  if (!isThere || seed !== undefined) {
    await writeSecretFiles(folder, redis);
    report('Redis users and logins written');
  }
  await writeConfig(folder, maxMemory);
}

function redisFiles(seed: string | undefined): readonly SecretFile[] {
  const files = createStackFiles({ address: { host: 'redis', port: 6379 }, seed, allowClientSetinfo: true });
  return files.map(({ path, content }) =>
    path === 'monitor/redis-url'
      ? { path: 'redis/monitor-password', content: `${decodeURIComponent(new URL(content).password)}\n` }
      : { path, content },
  );
}

/** These files contain no secret, and are written at each start because they depend on settings. */
async function writeConfig(folder: string, maxMemory: `${number}mb`): Promise<void> {
  const config = renderRedisConfig({
    aclFile: `${MOUNTED_AT}/users.acl`,
    listen: { port: 6379 },
    maxMemory,
    dir: '/data',
  });
  await writeSecretFiles(folder, [
    { path: 'redis/redis.conf', content: config },
    { path: 'redis/health.sh', content: HEALTH },
  ]);
}

/** Services whose images are of others; with overlays or compose/scale.yaml but Redis. */
const OF_OTHERS = [
  'redis',
  'prometheus',
  'alertmanager',
  'grafana',
  'redis-exporter',
  'node-exporter',
  'jaeger',
  'database',
  'valkey',
  'sentinel',
  'balancer',
];

/** The command by which all services begin, for those that are there without it in their image. */
async function writeStart(folder: string): Promise<void> {
  const content = await readFile(new URL('../../containers/start.sh', import.meta.url), 'utf8');
  const there = OF_OTHERS.filter((name) => existsSync(join(folder, name)));
  await writeSecretFiles(
    folder,
    there.map((name) => ({ path: `${name}/start.sh`, content })),
  );
}

// The password is not in a command line. The image contains the client of either Redis or Valkey.
const HEALTH = `cli=$(command -v redis-cli || command -v valkey-cli)
REDISCLI_AUTH=$(cat ${MOUNTED_AT}/monitor-password) "$cli" --no-auth-warning --user monitor ping | grep -q PONG
`;

/**
 * The file with the first key is written before its hash: a crash between the two loses no key. It is made where there is
 * no key at all, and never of what the file says: one that was revoked stays so.
 */
async function writeKeys(
  folder: string,
  audit: Pick<AuditLog, 'record'>,
  report: VolumesOptions['report'],
): Promise<void> {
  const keys = join(folder, 'rag/keys.json');
  if ((await listKeys(keys)).length === 0) {
    const firstKey = generateKey();
    await writeSecretFiles(folder, [{ path: 'rag/first-key', content: `${firstKey}\n` }]);
    await ensureFirstKey(keys, { givenKey: firstKey, audit });
    report('first API key created: podman compose exec rag cat /run/xnai/first-key');
  }
  const ragKey = join(folder, 'crawler/rag-key');
  if (!(await isKnown(keys, await readText(ragKey)))) await renewCrawlerKey(keys, ragKey, audit);
}

async function replaceByCopy(from: string, to: string): Promise<void> {
  await copyFile(from, `${to}.new`);
  await rename(`${to}.new`, to);
}
