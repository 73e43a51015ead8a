import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeBackupMetrics } from '@xnai/ops/backup';
import { findFreePorts } from '@xnai/testing';
import { parse } from 'yaml';
import { type Stack, TEST_KEY } from '../support/stack.ts';
import { startProgram } from './programs.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const SERVICES = ['redis', 'prometheus', 'alertmanager', 'redis-exporter', 'grafana'];

export interface Monitoring extends AsyncDisposable {
  readonly alertmanagerUrl: string;
  /** The series of a query now. */
  query(expr: string): Promise<readonly { readonly metric: Readonly<Record<string, string>> }[]>;
  readonly output: () => string;
}

interface Addresses {
  readonly prometheus: string;
  readonly alertmanager: string;
  readonly redisExporter: string;
  readonly nodeExporter: string;
  readonly redis: string;
}

/**
 * The services of compose/monitoring.yaml but Grafana, as Debian's programs beside a stack, with the files of the overlay.
 * It scrapes and evaluates every second.
 */
export async function openMonitoring(
  programs: string,
  stack: Pick<Stack, 'ragUrl' | 'crawlerUrl'>,
  webhookUrl: string,
): Promise<Monitoring> {
  const folder = mkdtempSync(join(tmpdir(), 'xnai-monitoring-'));
  const [a, b, c, d, e] = (await findFreePorts(5)).map((port) => `127.0.0.1:${port}`) as Five;
  const at = { prometheus: a, alertmanager: b, redisExporter: c, nodeExporter: d, redis: e };
  writeSecrets(folder, webhookUrl);
  replaceAddresses(folder, at, stack);
  const started = startAll(programs, folder, at);
  started.stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  return {
    alertmanagerUrl: `http://${at.alertmanager}`,
    query: (expr) => query(`http://${at.prometheus}`, expr),
    output: started.output,
    [Symbol.asyncDispose]: () => started.stack.disposeAsync(),
  };
}

type Five = [string, string, string, string, string];

async function query(url: string, expr: string) {
  const response = await fetch(`${url}/api/v1/query`, {
    method: 'POST',
    body: new URLSearchParams({ query: expr }),
  });
  const { error, data } = (await response.json()) as {
    error?: string;
    data?: { result: { metric: Record<string, string> }[] };
  };
  if (data === undefined) throw new Error(`${error}: ${expr}`);
  return data.result;
}

function startAll(programs: string, folder: string, at: Addresses) {
  const stack = new AsyncDisposableStack();
  const outputs: (() => string)[] = [];
  const start = (name: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
    outputs.push(stack.use(startProgram(programs, name, { args, env })).output);
  };
  start('redis-server', [
    ...['--port', new URL(`redis://${at.redis}`).port, '--aclfile', join(folder, 'redis/users.acl')],
    ...['--maxmemory', '64mb', '--save', '', '--dir', folder],
  ]);
  start('prometheus-redis-exporter', ['-web.listen-address', at.redisExporter], {
    REDIS_ADDR: `redis://${at.redis}`,
    REDIS_USER: 'monitor',
    REDIS_PASSWORD_FILE: join(folder, 'redis-exporter/passwords.json'),
    REDIS_EXPORTER_CONFIG_COMMAND: '-',
  });
  start('prometheus-node-exporter', [
    `--web.listen-address=${at.nodeExporter}`,
    `--collector.textfile.directory=${folder}`,
    ...nodeExporterFlags(),
  ]);
  // Debian's Alertmanager wants its templates at their place under /usr/share.
  start('unshare', [
    ...[
      '-rm',
      'sh',
      '-c',
      'mount -t tmpfs tmpfs /usr/share && ln -s "$0" /usr/share/prometheus && exec "$@"',
    ],
    join(programs, 'usr/share/prometheus'),
    join(programs, 'usr/bin/prometheus-alertmanager'),
    `--config.file=${join(folder, 'alertmanager/alertmanager.yaml')}`,
    `--storage.path=${join(folder, 'alertmanager/data')}`,
    `--web.listen-address=${at.alertmanager}`,
    '--cluster.listen-address=',
  ]);
  start('prometheus', [
    `--config.file=${join(folder, 'prometheus/prometheus.yaml')}`,
    `--storage.tsdb.path=${join(folder, 'prometheus/data')}`,
    `--web.listen-address=${at.prometheus}`,
  ]);
  return { stack, output: () => outputs.map((read) => read()).join('\n') };
}

/** Of the compose file, but for the folder, which is given before. */
function nodeExporterFlags(): readonly string[] {
  const file = parse(readFileSync(join(root, 'compose/monitoring.yaml'), 'utf8'));
  const [, script = ''] = file.services['node-exporter'].command as readonly string[];
  const [, flags = ''] = script.split(' node_exporter ');
  const words = flags.trim().split(/\s+/);
  return words
    .map((word) => word.replaceAll("'", ''))
    .filter((flag) => !flag.startsWith('--collector.textfile.directory'));
}

/** As the container does it: a folder for each service, by the service's own script. */
export function writeSecrets(folder: string, webhookUrl: string): void {
  for (const name of SERVICES) mkdirSync(join(folder, name), { recursive: true });
  const { status, stderr } = spawnSync(process.execPath, ['apps/dev/write-secrets.ts', folder], {
    cwd: root,
    encoding: 'utf8',
    env: {
      PATH: process.env['PATH'],
      XNAI_API_KEYS_FILE: join(folder, 'rag/keys.json'),
      XNAI_AUDIT_DIR: join(folder, 'audit'),
      XNAI_ALERT_WEBHOOK_URL: webhookUrl,
    },
  });
  if (status !== 0) throw new Error(stderr);
}

/** Puts the addresses of this machine in the place of names, and makes the intervals short. */
function replaceAddresses(
  folder: string,
  at: Addresses,
  { ragUrl, crawlerUrl }: Pick<Stack, 'ragUrl' | 'crawlerUrl'>,
): void {
  const replacements = {
    'rag:8080': new URL(ragUrl).host,
    'crawler:8081': new URL(crawlerUrl).host,
    'redis-exporter:9121': at.redisExporter,
    'node-exporter:9100': at.nodeExporter,
    'localhost:9090': at.prometheus,
    'alertmanager:9093': at.alertmanager,
    'redis:6379': at.redis,
    // Redis 7.0, of Debian 12, does not know it.
    ' +client|setinfo': '',
    '/run/xnai/metrics-key': join(folder, 'prometheus/metrics-key'),
    '15s': '1s',
    'interval: 30s': 'interval: 1s',
    'interval: 5m': 'interval: 1s',
  };
  const names = [
    'prometheus/prometheus.yaml',
    'prometheus/recording.yaml',
    'redis-exporter/passwords.json',
    'redis/users.acl',
  ];
  for (const file of names.map((name) => join(folder, name))) {
    let text = readFileSync(file, 'utf8');
    for (const [from, to] of Object.entries(replacements)) text = text.replaceAll(from, to);
    writeFileSync(file, text);
  }
  const alertmanager = join(folder, 'alertmanager/alertmanager.yaml');
  const config = JSON.parse(readFileSync(alertmanager, 'utf8'));
  // It would wait half a minute for more alerts of the same name.
  config.route.group_wait = '1s';
  writeFileSync(alertmanager, JSON.stringify(config));
  // The stack was started with a key of its own.
  writeFileSync(join(folder, 'prometheus/metrics-key'), TEST_KEY);
  const backup = { newestMs: Date.now(), everyMs: 86_400_000, isFailing: false };
  writeBackupMetrics(join(folder, 'backup.prom'), backup);
}
