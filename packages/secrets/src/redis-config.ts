export interface RedisConfigOptions {
  readonly aclFile: string;
  /** A private Redis listens here and on no port. */
  readonly listen: { readonly socketPath: string } | { readonly port: number };
  readonly maxMemory: `${number}mb`;
  /** Scratch only: nothing is saved. */
  readonly dir?: string;
  readonly logFile?: string;
}

/** A redis.conf for volatile use: memory bounded, nothing evicted (queues and breakers), nothing saved. */
export function renderRedisConfig({ aclFile, listen, maxMemory, dir, logFile }: RedisConfigOptions): string {
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
    'appendonly no',
    'daemonize no',
    'always-show-logo no',
    'loglevel notice',
    ...(dir === undefined ? [] : [`dir ${quote(dir)}`]),
    ...(logFile === undefined ? [] : [`logfile ${quote(logFile)}`]),
  ];
  return `${lines.join('\n')}\n`;
}

function listenLines(listen: RedisConfigOptions['listen']): readonly string[] {
  if ('port' in listen) return [`port ${listen.port}`];
  return ['port 0', `unixsocket ${quote(listen.socketPath)}`, 'unixsocketperm 600'];
}

function quote(text: string): string {
  return `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
}
