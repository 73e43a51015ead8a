import type { Passwords } from './passwords.ts';
import type { HostAddress } from './redis-config.ts';

export interface SentinelConfigOptions {
  readonly passwords: Passwords;
  /** The first master. */
  readonly master: HostAddress;
  /** Its name, which the URLs of clients end in. */
  readonly name: string;
  /** The sentinels that must agree that the master is lost. */
  readonly quorum: number;
  readonly port: number;
  /** A folder that is kept: the sentinel writes into its file, which lies there, what it knows. */
  readonly dir: string;
  /** The name by which others reach this sentinel. With it, servers are known by their names, and not their addresses. */
  readonly announce?: string;
}

/** A sentinel.conf. The password of the sentinels themselves is that of `sentinels`. */
export function renderSentinelConfig(options: SentinelConfigOptions): string {
  const { passwords, master, name, quorum, port, dir, announce } = options;
  const lines = [
    `port ${port}`,
    `dir "${dir}"`,
    'protected-mode yes',
    `requirepass ${passwords.of('sentinels')}`,
    `sentinel sentinel-pass ${passwords.of('sentinels')}`,
    ...(announce === undefined
      ? []
      : [
          'sentinel resolve-hostnames yes',
          'sentinel announce-hostnames yes',
          `sentinel announce-ip ${announce}`,
        ]),
    `sentinel monitor ${name} ${master.host} ${master.port} ${quorum}`,
    `sentinel auth-user ${name} sentinel`,
    `sentinel auth-pass ${name} ${passwords.of('sentinel')}`,
    `sentinel down-after-milliseconds ${name} 5000`,
    `sentinel failover-timeout ${name} 15000`,
    'sentinel deny-scripts-reconfig yes',
  ];
  return `${lines.join('\n')}\n`;
}
