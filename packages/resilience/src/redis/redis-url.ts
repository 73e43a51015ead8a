import { ResilienceError } from '../errors.ts';

/** Where a Redis is and how to log in, as ioredis takes it. */
export type ParsedRedisUrl = RedisLogin &
  (
    | { readonly path: string }
    | { readonly host: string; readonly port: number; readonly tls?: Readonly<Record<string, never>> }
  );

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
 *
 * The port is 6379 and the database 0 if not said. User, password and path are percent-encoded.
 * @throws {ResilienceError} BAD_OPTIONS when the URL cannot be read. The message leaves the URL out, because it may hold a password.
 */
export const parseRedisUrl = (text: string): ParsedRedisUrl => {
  const url = URL.parse(text);
  if (url === null) return refuse('cannot be read; a login must be percent-encoded, a scheme comes first');
  const socket = socketSchemes.has(url.protocol);
  if (!socket && !hostSchemes.has(url.protocol)) {
    return refuse(`begins with '${url.protocol}', must with redis:, rediss:, unix: or redis+unix:`);
  }
  for (const name of url.searchParams.keys()) {
    if (name !== 'db' && name !== 'path') refuse(`has a parameter '${name}', may have only db and path`);
  }
  if (url.hash !== '') refuse("has a '#'; in a password it is written %23");
  const login = loginOf(url);
  const path = socket ? socketPathOf(url) : url.searchParams.get('path');
  return path === null ? { ...login, ...hostOf(url) } : { ...login, path: absolute(path) };
};

const hostSchemes: ReadonlySet<string> = new Set(['redis:', 'rediss:']);
const socketSchemes: ReadonlySet<string> = new Set(['unix:', 'redis+unix:']);

const loginOf = (url: URL): RedisLogin => ({
  ...(url.username === '' ? {} : { username: decoded(url.username, 'user') }),
  ...(url.password === '' ? {} : { password: decoded(url.password, 'password') }),
  ...databaseOf(url),
});

const databaseOf = (url: URL): { readonly db?: number } => {
  const inPath = socketSchemes.has(url.protocol) ? '' : url.pathname.replace(/^\//, '');
  const text = url.searchParams.get('db') ?? inPath;
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

const hostOf = (url: URL) => {
  if (url.hostname === '') refuse('names no host');
  const port = url.port === '' ? 6379 : Number(url.port);
  if (port === 0) refuse('has port 0');
  return {
    // An IPv6 address comes in brackets.
    host: decoded(url.hostname.replace(/^\[|\]$/g, ''), 'host'),
    port,
    ...(url.protocol === 'rediss:' ? { tls: {} } : {}),
  };
};

const decoded = (text: string, what: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return refuse(`has a ${what} that is not percent-encoded`);
  }
};

const refuse = (why: string): never => {
  throw new ResilienceError('BAD_OPTIONS', { message: `the URL of Redis ${why}` });
};
