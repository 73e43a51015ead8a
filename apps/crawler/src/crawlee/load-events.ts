import { cpus } from 'node:os';
import { type Configuration, EventManager } from '@crawlee/cheerio';

const INTERVAL_MS = 1000;
const OVERLOADED_CPU_RATIO = 0.95;

/**
 * Tells Crawlee's autoscaling how busy this process is. Crawlee's own way spawns `ps` every second, which a
 * slim image does not have, and takes the machine's memory for its own under Podman.
 */
export class LoadEvents extends EventManager {
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
