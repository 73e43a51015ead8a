import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  createPasswords,
  createStackFiles,
  type Passwords,
  renderRedisConfig,
  renderSentinelConfig,
  type SecretFile,
  writeSecretFiles,
} from '@xnai/secrets';
import { readText } from './read-text.ts';
import { isOwnAndEnds, selfSigned } from './self-signed.ts';

export interface ScaleOptions {
  readonly seed: string | undefined;
  readonly maxMemory: `${number}mb`;
  /** Names and addresses of the balancer, for the certificate of a first try. */
  readonly names?: readonly string[] | undefined;
  /** What the names of the servers and sentinels of Valkey end in. Default: a, b and c, as in compose/scale.yaml. */
  readonly replicas?: Replicas | undefined;
}

/** Three, since two of three sentinels must agree. */
export type Replicas = readonly [string, string, string];
const LETTERS: Replicas = ['a', 'b', 'c'];

/** The names by which others reach them. */
function hostsOf(replicas: Replicas) {
  const servers = replicas.map((one) => ({ host: `valkey-${one}`, port: 6379 }));
  const sentinels = replicas.map((one) => ({ host: `sentinel-${one}`, port: 26_379 }));
  return { servers, sentinels, first: { host: `valkey-${replicas[0]}`, port: 6379 } };
}
type Hosts = ReturnType<typeof hostsOf>;

const MASTER_NAME = 'main';
const QUORUM = 2;
/** Where each service has its own volume, and where it keeps what it writes. */
const MOUNTED_AT = '/run/xnai';
const KEPT_AT = '/var/lib/xnai';

/**
 * Writes the files of the database, Valkey, its sentinels and the balancer, and the logins of those who use them. Without a seed
 * one is made and kept: the same files come of it each time.
 */
export async function writeScale(
  folder: string,
  { seed, maxMemory, names = [], replicas = LETTERS }: ScaleOptions,
): Promise<void> {
  const kept = seed ?? (await readText(join(folder, 'seed/seed'))) ?? randomBytes(32).toString('base64url');
  const passwords = createPasswords(kept);
  const hosts = hostsOf(replicas);
  await writeSecretFiles(folder, [
    { path: 'seed/seed', content: `${kept}\n` },
    ...logins(kept, passwords, hosts),
    ...valkeyFiles(passwords, maxMemory, hosts),
    ...databaseFiles(passwords),
    ...(await copies()),
  ]);
  await ensureCertificate(folder, names);
}

/** Makes the balancer's certificate where there is none, and anew where one that was made here ends soon. */
export async function ensureCertificate(folder: string, names: readonly string[]): Promise<void> {
  const certificate = await readText(join(folder, 'balancer/tls.crt'));
  if (certificate === undefined || isOwnAndEnds(certificate))
    await writeSecretFiles(folder, await selfSigned(['balancer', '127.0.0.1', ...names]));
}

function logins(seed: string, passwords: Passwords, { sentinels }: Hosts): readonly SecretFile[] {
  const sentinelPassword = passwords.of('sentinels');
  const address = { sentinels, name: MASTER_NAME, sentinelPassword };
  const files = createStackFiles({ address, seed, allowClientSetinfo: true, isReplicated: true });
  return files
    .filter(({ path }) => path !== 'monitor/redis-url')
    .map(({ path, content }) => ({ path: path.replace('redis/users.acl', 'valkey/users.acl'), content }));
}

function valkeyFiles(
  passwords: Passwords,
  maxMemory: ScaleOptions['maxMemory'],
  hosts: Hosts,
): readonly SecretFile[] {
  const servers = hosts.servers.map(({ host, port }) => ({
    path: `valkey/${host}.conf`,
    content: renderRedisConfig({
      aclFile: `${MOUNTED_AT}/users.acl`,
      listen: { port },
      maxMemory,
      dir: KEPT_AT,
      keepsData: true,
      replication: { passwords, of: host === hosts.first.host ? undefined : hosts.first, announce: host },
    }),
  }));
  const watch = { passwords, master: hosts.first, name: MASTER_NAME, quorum: QUORUM, dir: KEPT_AT };
  const sentinels = hosts.sentinels.map(({ host, port }) => ({
    path: `sentinel/${host}.conf`,
    content: renderSentinelConfig({ ...watch, port, announce: host }),
  }));
  return [
    ...servers,
    ...sentinels,
    { path: 'valkey/password', content: `${passwords.of('monitor')}\n` },
    { path: 'sentinel/password', content: `${passwords.of('sentinels')}\n` },
    { path: 'valkey/health.sh', content: healthOf('--user monitor') },
    { path: 'sentinel/health.sh', content: healthOf('-p 26379') },
  ];
}

// The password is not in a command line.
function healthOf(options: string): string {
  return `REDISCLI_AUTH=$(cat ${MOUNTED_AT}/password) valkey-cli --no-auth-warning ${options} ping | grep -q PONG\n`;
}

/** As rag connects, to what rag needs; from the server's own machine no password is asked for. */
const DATABASE_HEALTH = `psql -qAtX -h 127.0.0.1 -U rag -d rag -c "SELECT 1 / count(*) FROM pg_extension WHERE extname = 'vector'" >/dev/null\n`;

/** The owner of the server makes the role of rag, its database and the extension, and is not used again. */
function databaseFiles(passwords: Passwords): readonly SecretFile[] {
  const password = passwords.of('database rag');
  const first = `CREATE ROLE rag LOGIN PASSWORD '${password}';
CREATE DATABASE rag OWNER rag;
\\connect rag
CREATE EXTENSION vector;
`;
  return [
    { path: 'database/first.sql', content: first },
    { path: 'database/health.sh', content: DATABASE_HEALTH },
    { path: 'database/superuser-password', content: `${passwords.of('database superuser')}\n` },
    { path: 'rag/store-password', content: `${password}\n` },
  ];
}

/** What images of others begin with. */
async function copies(): Promise<readonly SecretFile[]> {
  const places = [
    ['database.sh', 'database/database.sh'],
    ['database-last.sh', 'database/last.sh'],
    ['valkey.sh', 'valkey/valkey.sh'],
    ['valkey.sh', 'sentinel/valkey.sh'],
    ['balancer/haproxy.cfg', 'balancer/haproxy.cfg'],
    ['balancer/503.http', 'balancer/503.http'],
    ['balancer/balancer.sh', 'balancer/balancer.sh'],
  ] as const;
  return Promise.all(
    places.map(async ([from, path]) => {
      const content = await readFile(new URL(`../../containers/${from}`, import.meta.url), 'utf8');
      return { path, content };
    }),
  );
}
