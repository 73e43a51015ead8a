import { cpus } from 'node:os';
import { Configuration, EventManager, log } from '@crawlee/basic';

/**
 * The part of Crawlee that a crawl uses: it fetches as many pages in parallel as the load of the machine allows, retries
 * failed pages, and ends when no page is left. Everything else that it can do is switched off here, because the crawl must do it in its own way:
 *
 * - robots.txt, redirects, proxies and the HTTP client: the way out is `@xnai/egress`, for the browser too;
 * - sessions, cookies, retries of blocked pages: a crawl has one identity and does not evade a site that refuses it;
 * - the request queue and its storage: the frontier is in Redis, so that another replica can continue the crawl;
 * - statistics and log lines: the crawl reports its own, and a child process has nowhere to write.
 */
export const SWITCHED_OFF = {
  respectRobotsTxtFile: false,
  useSessionPool: false,
  retryOnBlocked: false,
  statisticsOptions: { persistenceOptions: { enable: false }, saveErrorSnapshots: false },
  // Fetching, rendering and extracting have limits of their own, and waiting for Redis or rag has none.
  requestHandlerTimeoutSecs: 86_400,
} as const;

export const LIMITS = {
  maxRequestRetries: 2,
  /** An overloaded machine slows a crawl down but does not stop it. */
  minConcurrency: 4,
  // The values that Crawlee's own HTTP crawlers use.
  autoscaledPoolOptions: {
    desiredConcurrency: 10,
    snapshotterOptions: { eventLoopSnapshotIntervalSecs: 2, maxBlockedMillis: 100 },
    systemStatusOptions: { maxEventLoopOverloadedRatio: 0.7 },
  },
} as const;

/** One configuration per crawl, because the global one is shared and writes to disk. */
export function createConfiguration(memoryMb: number): Configuration {
  log.setLevel(log.LEVELS.OFF);
  const config = new Configuration({
    persistStorage: false,
    purgeOnStart: false,
    memoryMbytes: memoryMb,
    containerized: false,
  });
  config.useEventManager(new LoadEvents(config, memoryMb * 1024 ** 2));
  return config;
}

const INTERVAL_MS = 1000;
const OVERLOADED_CPU_RATIO = 0.95;

/**
 * Reports the load of this process to Crawlee's autoscaling. Crawlee's own events run `ps` every second, which slim
 * images do not have, and under Podman they report the memory of the whole machine.
 */
class LoadEvents extends EventManager {
  readonly #memoryBytes: number;
  #timer: NodeJS.Timeout | undefined;
  #ticks = cpuTicks();

  constructor(config: Configuration, memoryBytes: number) {
    super(config);
    this.#memoryBytes = memoryBytes;
  }

  override async init(): Promise<void> {
    await super.init();
    this.#timer ??= setInterval(() => this.emit('systemInfo', this.#load()), INTERVAL_MS);
  }

  override async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    await super.close();
  }

  #load() {
    const before = this.#ticks;
    this.#ticks = cpuTicks();
    const total = this.#ticks.total - before.total;
    const usedRatio = total === 0 ? 0 : 1 - (this.#ticks.idle - before.idle) / total;
    return {
      createdAt: new Date(),
      cpuCurrentUsage: usedRatio * 100,
      isCpuOverloaded: usedRatio > OVERLOADED_CPU_RATIO,
      memTotalBytes: this.#memoryBytes,
      memCurrentBytes: process.memoryUsage.rss(),
    };
  }
}

function cpuTicks(): { readonly idle: number; readonly total: number } {
  let idle = 0;
  let total = 0;
  for (const { times } of cpus()) {
    idle += times.idle;
    total += times.user + times.nice + times.sys + times.idle + times.irq;
  }
  return { idle, total };
}
