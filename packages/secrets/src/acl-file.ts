import { createHash } from 'node:crypto';
import type { Passwords } from './passwords.ts';
import { REDIS_USERS, REPLICATION_USERS, type RedisUser, type Rules } from './redis-users.ts';

export interface AclOptions {
  readonly passwords: Passwords;
  /** Redis 7.2 and Valkey know CLIENT SETINFO, which clients send on connecting; 7.0 refuses to load the rule. */
  readonly allowClientSetinfo?: boolean;
  /** Adds the users of replicas and sentinels. */
  readonly isReplicated?: boolean;
}

/** An aclfile for Redis ≥ 7.0 and Valkey: passwords only as SHA-256, `default` off. */
export function renderAclFile(options: AclOptions): string {
  const { passwords, allowClientSetinfo = false, isReplicated = false } = options;
  const extra = allowClientSetinfo ? ['client|setinfo'] : [];
  const known = { ...REDIS_USERS, ...(isReplicated ? REPLICATION_USERS : {}) };
  const users = Object.entries(known).map(([name, user]) =>
    renderUser(name, passwords.of(name), { ...user, commands: [...user.commands, ...extra] }),
  );
  return `${[DEFAULT_USER, ...users].join('\n')}\n`;
}

/**
 * Nobody can be this user. But Redis replays an append-only file in its name, and leaves out each transaction, which is what
 * scripts write, when it may not do what is in it.
 */
const DEFAULT_USER = 'user default off resetpass ~* resetchannels -@all +@write +select';

function renderUser(name: string, password: string, user: RedisUser): string {
  const hash = createHash('sha256').update(password).digest('hex');
  return [
    `user ${name} on #${hash} resetkeys resetchannels`,
    ...user.channels.map((channel) => `&${channel}`),
    renderRules(user),
    ...(user.selectors ?? []).map((rules) => `(${renderRules(rules)})`),
  ].join(' ');
}

function renderRules({ commands, keys }: Rules): string {
  return [...keys, '-@all', ...commands.map((command) => `+${command}`)].join(' ');
}
