import { type AclOptions, renderAclFile } from './acl-file.ts';
import { createPasswords } from './passwords.ts';
import { type RedisAddress, redisUrl } from './redis-url.ts';
import type { RedisUserName } from './redis-users.ts';

/** A file to write, readable by its owner only. `path` is relative to the secrets' folder. */
export interface SecretFile {
  readonly path: string;
  readonly content: string;
}

export interface StackFilesOptions extends Pick<AclOptions, 'allowClientSetinfo' | 'isReplicated'> {
  readonly address: RedisAddress;
  /** REDIS_PASSWORD: every user's password is derived from it. Random when unset. */
  readonly seed?: string | undefined;
}

/** Which logins each part of the stack has; the file is named after the variable that points to it. */
const LOGINS: Readonly<Record<string, Readonly<Record<string, RedisUserName>>>> = {
  rag: { 'redis-url': 'rag-cache', 'redis-breaker-url': 'rag-breaker' },
  crawler: { 'redis-url': 'crawler', 'redis-breaker-url': 'crawler-breaker' },
  monitor: { 'redis-url': 'monitor' },
};

/**
 * The Redis secrets of one stack: `redis/users.acl`, and per service a folder with its logins
 * (`rag/redis-url`, `rag/redis-breaker-url`, …), and none of another service.
 */
export function createStackFiles({
  address,
  seed,
  allowClientSetinfo,
  isReplicated,
}: StackFilesOptions): readonly SecretFile[] {
  const passwords = createPasswords(seed);
  const logins = Object.entries(LOGINS).flatMap(([service, users]) =>
    Object.entries(users).map(([file, user]) => ({
      path: `${service}/${file}`,
      content: `${redisUrl(user, passwords.of(user), address)}\n`,
    })),
  );
  const acl = renderAclFile({
    passwords,
    ...(allowClientSetinfo === undefined ? {} : { allowClientSetinfo }),
    ...(isReplicated === undefined ? {} : { isReplicated }),
  });
  return [{ path: 'redis/users.acl', content: acl }, ...logins];
}
