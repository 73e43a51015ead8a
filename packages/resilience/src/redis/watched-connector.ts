import { type Redis, type SentinelConnectionOptions, SentinelConnector } from 'ioredis';

/** What ioredis' types keep to themselves. */
interface Inside {
  connectToSentinel(...args: unknown[]): Redis;
  failoverDetector: { cleanup(): void } | null;
}

/** ioredis' connector, mended in two places. */
export class WatchedConnector extends SentinelConnector {
  readonly #inside = this as unknown as Inside;

  constructor(options: unknown) {
    super(options as SentinelConnectionOptions);
    const open = this.#inside.connectToSentinel.bind(this);
    // The connections on which it hears of failovers have no listener for errors: it would print each to stderr.
    this.#inside.connectToSentinel = (...args) => open(...args).on('error', () => {});
  }

  /**
   * The connections of before, on which it hears of failovers, are closed first: a failover that they told of while this
   * connects would end the client for good.
   */
  override connect(
    ...args: Parameters<SentinelConnector['connect']>
  ): ReturnType<SentinelConnector['connect']> {
    this.#inside.failoverDetector?.cleanup();
    return super.connect(...args);
  }
}
