import { type Redis, type SentinelConnectionOptions, SentinelConnector } from 'ioredis';

/** What ioredis' types keep to themselves. */
interface Opening {
  connectToSentinel(...args: unknown[]): Redis;
}

/**
 * ioredis' connector, quiet: it gives the connections on which it hears of failovers no listener for errors, and so prints
 * to stderr at every attempt that a sentinel is away.
 */
export class WatchedConnector extends SentinelConnector {
  constructor(options: unknown) {
    super(options as SentinelConnectionOptions);
    const opening = this as unknown as Opening;
    const open = opening.connectToSentinel.bind(this);
    opening.connectToSentinel = (...args) => open(...args).on('error', () => {});
  }
}
