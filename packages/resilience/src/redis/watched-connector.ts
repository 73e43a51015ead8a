import { type Redis, type SentinelConnectionOptions, SentinelConnector } from 'ioredis';
import { trustFaultOf } from './connection-fault.ts';

/** What ioredis' types keep to themselves. */
interface Inside {
  connectToSentinel(endpoint: Endpoint, ...args: unknown[]): Redis;
  resolve(endpoint: Endpoint): Promise<unknown>;
  failoverDetector: { cleanup(): void } | null;
}

interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** ioredis' connector, mended in three places. */
export class WatchedConnector extends SentinelConnector {
  readonly #inside = this as unknown as Inside;

  constructor(options: unknown) {
    super(options as SentinelConnectionOptions);
    const open = this.#inside.connectToSentinel.bind(this);
    const reasons = new Map<string, Error>();
    const nameOf = ({ host, port }: Endpoint) => `${host}:${port}`;
    // The connections on which it hears of failovers have no listener for errors: it would print each to stderr.
    this.#inside.connectToSentinel = (endpoint, ...args) =>
      open(endpoint, ...args).on('error', (error) => void reasons.set(nameOf(endpoint), error));
    // It would say of each sentinel that the connection is closed, and not why.
    const resolve = this.#inside.resolve.bind(this);
    this.#inside.resolve = async (endpoint) => {
      reasons.delete(nameOf(endpoint));
      try {
        return await resolve(endpoint);
      } catch (error) {
        const reason = reasons.get(nameOf(endpoint)) ?? (error as Error);
        throw new Error(trustFaultOf(reason) ?? reason.message, { cause: error });
      }
    };
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
