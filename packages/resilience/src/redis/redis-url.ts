import { ResilienceError } from '../errors.ts';

/** Where a Redis is and how to log in, as ioredis takes it. */
export type ParsedRedisUrl = RedisLogin &
  ({ readonly path: string } | (HostAddress & { readonly tls?: SystemTls }) | SentinelAddress);

interface HostAddress {
  readonly host: string;
  readonly port: number;
}

/** TLS with the authorities that Node.js trusts. */
type SystemTls = Readonly<Record<string, never>>;

/** The master that sentinels watch under a name. */
interface SentinelAddress {
  readonly sentinels: readonly HostAddress[];
  readonly name: string;
  readonly sentinelUsername?: string;
  readonly sentinelPassword?: string;
  readonly tls?: SystemTls;
  readonly sentinelTLS?: SystemTls;
  readonly enableTLSForSentinelMode?: true;
}

interface RedisLogin {
  readonly username?: string;
  readonly password?: string;
  readonly db?: number;
}

/**
 * Reads the URL of a Redis:
 *
 * - `redis://[user:password@]host[:port][/db]`, and the same with `rediss` for TLS
 * - `unix://[user:password@localhost]/run/redis.sock[?db=1]`, and the same with `redis+unix`
 * - `redis://[user:password@]localhost?path=/run/redis.sock[&db=1]`: the form for clients that know no other scheme for a socket
 * - `redis+sentinel://[user:password@]host[:port],host[:port]/MASTER[/db][?sentinelUser=…&sentinelPassword=…]`: the master of
 *   that name, as the sentinels say; user and password are those of the master. With `rediss+sentinel`, all of them speak TLS
 *
 * The port is 6379, of a sentinel 26379, and the database 0 if not said. User, passwords and path are percent-encoded.
 * @throws {ResilienceError} BAD_OPTIONS when the URL cannot be read. The message leaves the URL out, because it may hold a password.
 */
export const parseRedisUrl = (text: string): ParsedRedisUrl => {
  if (/^rediss?\+cluster:/i.test(text)) refuse(`begins with '${/^[^:]*:/.exec(text)?.[0]}': ${NO_CLUSTER}`);
  const sentinel = sentinelForm.exec(text);
  return sentinel === null ? parsePlain(text) : parseSentinel(sentinel);
};

/** Why a Redis Cluster is refused. */
export const NO_CLUSTER =
  'Redis Cluster cannot be used, because a script changes keys of a crawl and of all crawls at once, which a cluster \
keeps in different shards; use one master with replicas and redis+sentinel:';

const parsePlain = (text: string): ParsedRedisUrl => {
  const url = readable(text);
  const socket = socketSchemes.has(url.protocol);
  if (!socket && !hostSchemes.has(url.protocol)) {
    return refuse(
      `begins with '${url.protocol}', must with ${[...hostSchemes, ...socketSchemes].join(', ')} or ${sentinelSchemes}`,
    );
  }
  checkExtras(url, ['db', 'path']);
  const login = { ...loginOf(url), ...databaseOf(url, socket ? '' : url.pathname) };
  const path = socket ? socketPathOf(url) : url.searchParams.get('path');
  if (path !== null) return { ...login, path: absolute(path) };
  return { ...login, ...hostOf(url, 6379), ...(url.protocol === 'rediss:' ? { tls: {} } : {}) };
};

const hostSchemes: ReadonlySet<string> = new Set(['redis:', 'rediss:']);
const socketSchemes: ReadonlySet<string> = new Set(['unix:', 'redis+unix:']);
const sentinelSchemes = 'redis+sentinel: or rediss+sentinel:';
/** Scheme, login with its `@`, hosts, and the rest: no other URL names several hosts. */
const sentinelForm = /^(rediss?)\+sentinel:\/\/((?:[^/?#]*@)?)([^/?#@]*)(.*)$/i;

const parseSentinel = ([, scheme = '', login, hosts = '', rest]: RegExpExecArray): ParsedRedisUrl => {
  const url = readable(`redis://${login}sentinels${rest}`);
  checkExtras(url, ['db', 'sentinelUser', 'sentinelPassword']);
  const [name = '', database = '', ...more] = url.pathname.split('/').slice(1);
  if (!/^[\w.-]+$/.test(name))
    refuse(`has '${name}' for the name of the master, after the sentinels: …:26379/NAME`);
  if (more.length > 0) refuse('has more after the name of the master than the number of a database');
  const user = url.searchParams.get('sentinelUser');
  const password = url.searchParams.get('sentinelPassword');
  return {
    ...loginOf(url),
    ...databaseOf(url, database),
    sentinels: hosts.split(',').map((host) => hostOf(readable(`redis://${host}`), 26_379)),
    name,
    ...(user === null ? {} : { sentinelUsername: user }),
    ...(password === null ? {} : { sentinelPassword: password }),
    ...(scheme.toLowerCase() === 'rediss'
      ? { tls: {}, sentinelTLS: {}, enableTLSForSentinelMode: true }
      : {}),
  };
};

const readable = (text: string): URL =>
  URL.parse(text) ?? refuse('cannot be read; a login must be percent-encoded, a scheme comes first');

const checkExtras = (url: URL, parameters: readonly string[]): void => {
  for (const name of url.searchParams.keys()) {
    if (!parameters.includes(name))
      refuse(`has a parameter '${name}', may have only ${parameters.join(' and ')}`);
  }
  if (url.hash !== '') refuse("has a '#'; in a password it is written %23");
};

const loginOf = (url: URL): RedisLogin => ({
  ...(url.username === '' ? {} : { username: decoded(url.username, 'user') }),
  ...(url.password === '' ? {} : { password: decoded(url.password, 'password') }),
});

const databaseOf = (url: URL, inPath: string): { readonly db?: number } => {
  const text = url.searchParams.get('db') ?? inPath.replace(/^\//, '');
  if (text === '') return {};
  return /^\d{1,5}$/.test(text) ? { db: Number(text) } : refuse(`has '${text}' for the number of a database`);
};

const socketPathOf = (url: URL): string => {
  if (url.host !== '' && url.host !== 'localhost') {
    refuse(`has a host '${url.host}' before its path: a socket's URL has three slashes, or localhost`);
  }
  return decoded(url.pathname, 'path');
};

const absolute = (path: string): string =>
  path.length > 1 && path.startsWith('/') ? path : refuse(`has '${path}' for the path of a socket`);

const hostOf = (url: URL, defaultPort: number): HostAddress => {
  if (url.hostname === '') refuse('names no host');
  const port = url.port === '' ? defaultPort : Number(url.port);
  if (port === 0) refuse('has port 0');
  // An IPv6 address comes in brackets.
  return { host: decoded(url.hostname.replace(/^\[|\]$/g, ''), 'host'), port };
};

const decoded = (text: string, what: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return refuse(`has a ${what} that is not percent-encoded`);
  }
};

const refuse: (why: string) => never = (why) => {
  throw new ResilienceError('BAD_OPTIONS', { message: `the URL of Redis ${why}` });
};
