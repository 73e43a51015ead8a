import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AUTHORITY, type TestCertificate } from './certificates.ts';
import { type FaultProxy, openFaultProxy } from './fault-proxy.ts';
import { findFreePorts } from './free-ports.ts';
import { partServer } from './part-server.ts';
import { isAlive } from './processes.ts';
import { startRedis, type TestRedis, type TestRedisOptions } from './redis.ts';
import { waitUntil } from './wait-until.ts';

/** A server or a sentinel, which listens on a port of loopback also. */
export interface WatchedRedis extends TestRedis {
  readonly port: number;
}

/** One master with replicas, and the sentinels that watch them under the name `main`. */
export interface TestSentinels extends AsyncDisposable {
  /** The first one was the master at first. */
  readonly servers: readonly WatchedRedis[];
  readonly sentinels: readonly WatchedRedis[];
  /** `redis+sentinel://127.0.0.1:…,127.0.0.1:…/main`, without a login; `rediss+sentinel:` with TLS. */
  readonly url: string;
  /** The server that the sentinels name, once all that run name the same one and it says that it is a master. */
  master(): Promise<WatchedRedis>;
  /** Waits until this server follows the master, and has its data. */
  untilFollows(server: WatchedRedis): Promise<void>;
  /** Has the sentinels choose another master, to which the present one hands over. */
  handOver(): Promise<void>;
  /** With TLS, the servers show this certificate to those who connect from now on. */
  present(certificate: TestCertificate): Promise<void>;
  /**
   * Cuts the master off from its replicas, the sentinels and new clients; clients that are connected stay so. Needs
   * `canPart`. Disposing lets the others through again.
   */
  part(master: WatchedRedis): Promise<Disposable>;
  /** Takes its replicas from the master, so that they get nothing of what it is given next. Disposing gives them back. */
  cutOff(master: WatchedRedis): Promise<Disposable>;
}

export interface TestSentinelsOptions extends Pick<TestRedisOptions, 'program' | 'acl' | 'keepsData'> {
  readonly replicas?: number;
  /** Further arguments of every server. Default: a write needs one replica that was heard of two seconds ago. */
  readonly args?: readonly string[];
  /** Further lines of the sentinels' configuration. */
  readonly sentinelConfig?: readonly string[];
  /** After which silence the master counts as lost. */
  readonly downAfterMs?: number;
  /** Servers and sentinels speak nothing but TLS, also with each other, and ask no client for a certificate. */
  readonly tls?: TestCertificate;
  /** All reach the servers through proxies, by which one can be parted from the others. Not with TLS. */
  readonly canPart?: boolean;
}

const NAME = 'main';
const SENTINELS = 3;
const SAFE = ['--min-replicas-to-write', '1', '--min-replicas-max-lag', '2'];
/**
 * Sentinels ask and tell more often than usual, so that a test need not wait for them. A replica that was not asked within five
 * pings is not chosen, and each is asked once a second: pings must not be much more frequent.
 */
const QUICK = ['info-period 200', 'ping-period 500', 'publish-period 200', 'tilt-period 1000'];

/** Resolves when every sentinel knows all replicas and the other sentinels. */
export async function startSentinels(options: TestSentinelsOptions = {}): Promise<TestSentinels> {
  const { replicas = 2, args = SAFE, sentinelConfig = [], downAfterMs = 1000, ...rest } = options;
  const { tls, canPart = false, ...common } = rest;
  await using opened = new AsyncDisposableStack();
  const ports = await findFreePorts(1 + replicas + SENTINELS);
  const certificate = tls === undefined ? undefined : opened.use(await openCertificate(tls));
  const listenAt = (port: number): Settings =>
    certificate === undefined ? { port } : { port: 0, 'tls-port': port, ...certificate.settings };
  const serverArgs = ['--repl-diskless-sync-delay', '0', '--repl-ping-replica-period', '1', ...args];
  const start = async (port: number, own: TestRedisOptions): Promise<WatchedRedis> =>
    // Not a copy: the id of the process changes when it starts again.
    Object.assign(opened.use(await startRedis({ ...common, ...own })), { port });

  const servers: WatchedRedis[] = [];
  const proxies = new Map<number, FaultProxy>();
  let master: number | undefined;
  for (const own of ports.slice(0, 1 + replicas)) {
    const proxy = canPart ? opened.use(await openFaultProxy(() => ({ port: own }))) : undefined;
    const port = proxy?.port ?? own;
    if (proxy !== undefined) proxies.set(port, proxy);
    const listen = toArgs({ ...listenAt(own), bind: '127.0.0.1', ...announced(port) });
    const follow = master === undefined ? [] : ['--replicaof', '127.0.0.1', String(master)];
    master ??= port;
    servers.push(await start(port, { args: [...listen, ...follow, ...serverArgs] }));
  }
  const sentinels = await Promise.all(
    ports.slice(1 + replicas).map((port) => {
      const config = ({ folder, path }: { readonly folder: string; readonly path: string }) =>
        [
          ...toLines(listenAt(port)),
          ...['bind 127.0.0.1', `unixsocket ${path}`, `dir ${folder}`],
          `sentinel monitor ${NAME} 127.0.0.1 ${master} 2`,
          `sentinel down-after-milliseconds ${NAME} ${downAfterMs}`,
          `sentinel failover-timeout ${NAME} 1500`,
          ...sentinelConfig,
        ].join('\n');
      return start(port, { config, isSentinel: true });
    }),
  );
  const group = createGroup({ servers, sentinels, certificate, proxies }, opened.move());
  await waitUntil('sentinels know each other and the replicas', () => knowAll(group));
  return group;
}

type Settings = Readonly<Record<string, string | number>>;

/** Where others reach it. */
const announced = (port: number): Settings => ({
  'replica-announce-ip': '127.0.0.1',
  'replica-announce-port': port,
});

const toArgs = (settings: Settings) =>
  Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
const toLines = (settings: Settings) => Object.entries(settings).map(([name, value]) => `${name} ${value}`);

interface ShownCertificate extends AsyncDisposable {
  readonly settings: Settings;
  write(certificate: TestCertificate): Promise<void>;
}

async function openCertificate(first: TestCertificate): Promise<ShownCertificate> {
  const folder = await mkdtemp(join(tmpdir(), 'xnai-certificate-'));
  const [key, cert, ca] = ['key', 'cert', 'ca'].map((name) => join(folder, `${name}.pem`)) as [
    string,
    string,
    string,
  ];
  const write = async (certificate: TestCertificate) => {
    await writeFile(key, certificate.key, { mode: 0o600 });
    await writeFile(cert, certificate.cert);
  };
  await write(first);
  await writeFile(ca, AUTHORITY);
  const settings = {
    'tls-key-file': key,
    'tls-cert-file': cert,
    'tls-ca-cert-file': ca,
    'tls-auth-clients': 'no',
    'tls-replication': 'yes',
  };
  return { settings, write, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

interface Opened extends Pick<TestSentinels, 'servers' | 'sentinels'> {
  /** Undefined: they speak no TLS. */
  readonly certificate: ShownCertificate | undefined;
  /** By the ports of the servers; none where they are reached without. */
  readonly proxies: ReadonlyMap<number, FaultProxy>;
}

function createGroup(
  { servers, sentinels, certificate, proxies }: Opened,
  opened: AsyncDisposableStack,
): TestSentinels {
  const named = async (sentinel: WatchedRedis) =>
    Number(((await sentinel.client.call('SENTINEL', 'get-master-addr-by-name', NAME)) as string[])[1]);
  const group: TestSentinels = {
    servers,
    sentinels,
    url: `${certificate === undefined ? 'redis' : 'rediss'}+sentinel://${sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',')}/${NAME}`,
    master: () =>
      waitUntil('the sentinels agree on a master', async () => {
        const [port, ...others] = await Promise.all(sentinels.filter(({ pid }) => isAlive(pid)).map(named));
        const server = servers.find((one) => one.port === port);
        if (server === undefined || !isAlive(server.pid) || others.some((other) => other !== port))
          return undefined;
        return (await roleOf(server)) === 'master' ? server : undefined;
      }),
    async untilFollows(server) {
      await waitUntil('the replica follows', async () => {
        const info = await server.client.info('replication');
        const master = await group.master();
        return info.includes(`master_port:${master.port}`) && info.includes('master_link_status:up');
      });
    },
    async handOver() {
      // Refused until they have asked the replicas.
      await waitUntil('the sentinels begin', () =>
        sentinels[0]?.client.call('SENTINEL', 'failover', NAME).catch(() => undefined),
      );
    },
    async present(next) {
      await certificate?.write(next);
      // The files are read anew when one of these is set.
      const file = String(certificate?.settings['tls-cert-file']);
      await Promise.all(servers.map(({ client }) => client.config('SET', 'tls-cert-file', file)));
    },
    async part({ client, port }) {
      const proxy = proxies.get(port);
      if (proxy === undefined) throw new Error('started without canPart');
      return partServer({ client, proxy });
    },
    async cutOff(master) {
      const replicas = servers.filter((one) => one !== master && isAlive(one.pid));
      for (const one of replicas) one.pause();
      // What is on its way already would reach them still.
      await master.client.call('CLIENT', 'KILL', 'TYPE', 'replica');
      return {
        [Symbol.dispose]() {
          for (const one of replicas) one.resume();
        },
      };
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
  return group;
}

const ANSWER_MS = 300;

/** Undefined for a server that is paused. */
async function roleOf({ client }: WatchedRedis): Promise<unknown> {
  const answer = await Promise.race([client.role(), delay(ANSWER_MS, [])]);
  return (answer as unknown[])[0];
}

async function knowAll({ servers, sentinels }: TestSentinels): Promise<boolean> {
  const known = await Promise.all(
    sentinels.map(async ({ client }) => {
      await client.call('SENTINEL', 'debug', ...QUICK.flatMap((line) => line.split(' ')));
      const flat = (await client.call('SENTINEL', 'master', NAME)) as string[];
      const count = (field: string) => Number(flat[flat.indexOf(field) + 1]);
      return (
        count('num-slaves') === servers.length - 1 && count('num-other-sentinels') === sentinels.length - 1
      );
    }),
  );
  return known.every(Boolean);
}
