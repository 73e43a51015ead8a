import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type SecretFile, writeSecretFiles } from '@xnai/secrets';
import type { AuditLog } from '@xnai/service';
import { readText } from './read-text.ts';
import { isKnown, renewKey } from './start/keys.ts';

export interface MonitoringOptions {
  /** The hashes of all keys. */
  readonly keys: string;
  readonly audit: Pick<AuditLog, 'record'>;
  /** Password of the Redis user `monitor`. */
  readonly redisPassword: string;
  /** Where alerts go. Without it they are only shown. */
  readonly webhookUrl: string | undefined;
}

const REDIS = 'redis:6379';
const templates = fileURLToPath(new URL('../../containers/monitoring', import.meta.url));

/**
 * Writes what the services of compose/monitoring.yaml need, a folder each: their configuration, a key that reads metrics
 * alone, the login to Redis and the password of Grafana. Keys and passwords stay unchanged when it is repeated.
 */
export async function writeMonitoring(folder: string, options: MonitoringOptions): Promise<void> {
  const { redisPassword, webhookUrl } = options;
  await writeMetricsKey(folder, options);
  const passwords = Object.fromEntries(
    [`redis://${REDIS}`, `redis://monitor@${REDIS}`].map((url) => [url, redisPassword]),
  );
  const grafana = await readText(join(folder, 'grafana/admin-password'));
  await writeSecretFiles(folder, [
    ...(await readTemplates()),
    { path: 'alertmanager/alertmanager.yaml', content: alertmanagerConfig(webhookUrl) },
    { path: 'redis-exporter/passwords.json', content: JSON.stringify(passwords) },
    { path: 'grafana/admin-password', content: grafana ?? randomBytes(24).toString('base64url') },
  ]);
}

async function writeMetricsKey(folder: string, { keys, audit }: MonitoringOptions): Promise<void> {
  const file = join(folder, 'prometheus/metrics-key');
  if (await isKnown(keys, await readText(file))) return;
  await renewKey(keys, file, { name: 'prometheus', scopes: ['metrics'], audit });
}

async function readTemplates(): Promise<readonly SecretFile[]> {
  const entries = await readdir(templates, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  return Promise.all(
    files.map(async (file) => ({ path: relative(templates, file), content: await readFile(file, 'utf8') })),
  );
}

/** JSON is YAML too, and needs no care for what a URL may hold. */
function alertmanagerConfig(url: string | undefined): string {
  const webhook = { name: 'webhook', webhook_configs: [{ url, send_resolved: true }] };
  return JSON.stringify({
    route: {
      receiver: url === undefined ? 'none' : 'webhook',
      group_by: ['alertname', 'job'],
      routes: [{ receiver: 'none', matchers: ['severity = info'] }],
    },
    receivers: [{ name: 'none' }, ...(url === undefined ? [] : [webhook])],
  });
}
