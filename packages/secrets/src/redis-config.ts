import type { Passwords } from './passwords.ts';

export interface RedisConfigOptions {
  readonly aclFile: string;
  /** A private Redis listens here and on no port. */
  readonly listen: { readonly socketPath: string } | { readonly port: number };
  readonly maxMemory: `${number}mb`;
  /** The working folder of the server. */
  readonly dir?: string;
  /** Whether each write goes into an append-only file in `dir`, which is on the disk a second later. */
  readonly keepsData?: boolean;
  readonly logFile?: string;
  /** One of several servers, of which sentinels make one the master. */
  readonly replication?: ReplicationOptions;
}

export interface ReplicationOptions {
  readonly passwords: Passwords;
  /** The first master; undefined for the first master itself. Later the server writes the present one into its file. */
  readonly of?: HostAddress | undefined;
  /** The name by which others reach this server, where they do not reach the address that they see. */
  readonly announce?: string;
}

export interface HostAddress {
  readonly host: string;
  readonly port: number;
}

/** A redis.conf with bounded memory, in which nothing is evicted: it holds queues and breakers. */
export function renderRedisConfig(options: RedisConfigOptions): string {
  const { aclFile, listen, maxMemory, dir, keepsData = false, logFile, replication } = options;
  const lines = [
    ...listenLines(listen),
    `aclfile ${quote(aclFile)}`,
    'acllog-max-len 1024',
    'protected-mode yes',
    'enable-debug-command no',
    'enable-module-command no',
    'enable-protected-configs no',
    `maxmemory ${maxMemory}`,
    'maxmemory-policy noeviction',
    'save ""',
    ...(keepsData ? APPEND_ONLY : ['appendonly no']),
    'daemonize no',
    'always-show-logo no',
    'loglevel notice',
    ...(dir === undefined ? [] : [`dir ${quote(dir)}`]),
    ...(logFile === undefined ? [] : [`logfile ${quote(logFile)}`]),
    ...(replication === undefined ? [] : replicationLines(replication)),
  ];
  return `${lines.join('\n')}\n`;
}

/** A master that no replica has answered for `MAX_LAG_S` takes no writes: it may have been cut off, and another be the master. */
function replicationLines({ passwords, of, announce }: ReplicationOptions): readonly string[] {
  return [
    'min-replicas-to-write 1',
    `min-replicas-max-lag ${MAX_LAG_S}`,
    'masteruser replica',
    `masterauth ${passwords.of('replica')}`,
    ...(of === undefined ? [] : [`replicaof ${of.host} ${of.port}`]),
    ...(announce === undefined ? [] : [`replica-announce-ip ${announce}`]),
  ];
}

const MAX_LAG_S = 3;

/**
 * The file is rewritten when it has become twice as long as the data were at the last rewrite. An end that a crash has cut
 * off is left out when it is read.
 */
const APPEND_ONLY = [
  'appendonly yes',
  'appendfsync everysec',
  'aof-use-rdb-preamble yes',
  'aof-load-truncated yes',
  'auto-aof-rewrite-percentage 100',
  'auto-aof-rewrite-min-size 16mb',
];

function listenLines(listen: RedisConfigOptions['listen']): readonly string[] {
  if ('port' in listen) return [`port ${listen.port}`];
  return ['port 0', `unixsocket ${quote(listen.socketPath)}`, 'unixsocketperm 600'];
}

function quote(text: string): string {
  return `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
}
