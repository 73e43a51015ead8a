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
}

/** A redis.conf with bounded memory, in which nothing is evicted: it holds queues and breakers. */
export function renderRedisConfig(options: RedisConfigOptions): string {
  const { aclFile, listen, maxMemory, dir, keepsData = false, logFile } = options;
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
  ];
  return `${lines.join('\n')}\n`;
}

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
