import type { FaultProxy, TestRedis } from '@xnai/testing';
import { waitUntil } from '@xnai/testing';
import type { BreakerOptions } from '../../src/index.ts';
import { type AskedProcess, forkAsked } from './asked-process.ts';
import { type Fault, faults } from './faults.ts';

export type Dependency = 'up' | 'down' | 'slow';

export type SoakAsk =
  | {
      readonly do: 'start';
      readonly url: string;
      readonly replica: string;
      readonly options: BreakerOptions;
    }
  | { readonly do: 'dependency'; readonly is: Dependency }
  | { readonly do: 'report'; readonly collect?: boolean };

export interface SoakTold {
  readonly reached: number;
  readonly served: number;
  readonly failed: number;
  readonly rejected: number;
  /** Errors that a caller must never see, and generations that fell. */
  readonly strange: readonly string[];
  readonly state: string;
  readonly generation: number;
  readonly retryAfterMs: number;
  readonly redis: string;
  readonly heapBytes: number;
}

export const soakOptions = {
  window: { kind: 'sampling', windowMs: 5_000, slowAfterMs: 50, slowRate: 0.5 },
  openMs: 300,
  maxOpenMs: 600,
  probes: { calls: 2, failuresAllowed: 0, timeoutMs: 2_000 },
} as const satisfies BreakerOptions;

/** Replicas under load through a proxy, and a Redis behind it that is treated badly. */
export class Soak {
  readonly #server: TestRedis;
  readonly #proxy: FaultProxy;
  readonly #replicas: AskedProcess<SoakAsk, SoakTold>[] = [];
  readonly #gone: SoakTold[] = [];
  #started = 0;
  #dependency: Dependency = 'up';

  constructor(server: TestRedis, proxy: FaultProxy) {
    this.#server = server;
    this.#proxy = proxy;
  }

  async start(count: number): Promise<void> {
    await Promise.all(Array.from({ length: count }, (_, i) => this.#startReplica(i)));
  }

  async #startReplica(i: number): Promise<void> {
    const replica = forkAsked<SoakAsk, SoakTold>(new URL('./soak-child.ts', import.meta.url), [
      '--expose-gc',
    ]);
    this.#replicas[i] = replica;
    const url = `redis://breaker:secret@127.0.0.1:${this.#proxy.port}`;
    await replica.ask({ do: 'dependency', is: this.#dependency });
    await replica.ask({ do: 'start', url, replica: `r${++this.#started}`, options: soakOptions });
  }

  /** One fault of Redis while the dependency is well, slow or down; then everything is well again. */
  async round(fault: Fault, dependency: Dependency, killed: number | undefined): Promise<Round> {
    const begun = fault.begin(this.#server, this.#proxy);
    await this.#depend(dependency);
    if (killed !== undefined) await this.#replace(killed);
    if (dependency === 'down') await this.#untilAll('protects itself', ({ state }) => state !== 'closed');
    const before = await this.report();
    await new Promise((resolve) => setTimeout(resolve, watchedMs));
    const after = await this.report();
    await begun;
    await fault.end(this.#server, this.#proxy);
    await this.#depend('up');
    const startMs = performance.now();
    await this.#untilAll(
      `is well after: ${fault.name}`,
      (one, all) => one.redis === 'ok' && one.state === 'closed' && one.generation === all[0]?.generation,
    );
    const open = after.filter(({ state }) => state === 'open');
    const reached = (all: readonly SoakTold[]) => all.reduce((sum, one) => sum + one.reached, 0);
    return {
      fault: fault.name,
      dependency,
      reached: reached(after) - reached(before),
      longestOpenMs: Math.max(0, ...open.map(({ retryAfterMs }) => retryAfterMs)),
      wellAfterMs: performance.now() - startMs,
    };
  }

  /** What all replicas tell; `collect` frees what is garbage first. */
  report(collect = false): Promise<SoakTold[]> {
    return this.#all({ do: 'report', collect });
  }

  /** Of replicas that were killed on the way. */
  get gone(): readonly SoakTold[] {
    return this.#gone;
  }

  async #depend(dependency: Dependency): Promise<void> {
    this.#dependency = dependency;
    await this.#all({ do: 'dependency', is: dependency });
  }

  async #replace(i: number): Promise<void> {
    const replica = this.#replicas[i] as AskedProcess<SoakAsk, SoakTold>;
    this.#gone.push(await replica.ask({ do: 'report' }));
    await replica.kill();
    await this.#startReplica(i);
  }

  async #untilAll(what: string, holds: (one: SoakTold, all: readonly SoakTold[]) => boolean): Promise<void> {
    let last: readonly SoakTold[] = [];
    await waitUntil(
      `every replica ${what}`,
      async () => {
        last = await this.report();
        return last.every((one) => holds(one, last));
      },
      { timeoutMs: 30_000 },
    ).catch((cause) => Promise.reject(new Error(JSON.stringify(last), { cause })));
  }

  #all(ask: SoakAsk): Promise<SoakTold[]> {
    return Promise.all(this.#replicas.map((one) => one.ask(ask)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#replicas.map((one) => one.kill()));
  }
}

export interface Round {
  readonly fault: string;
  readonly dependency: string;
  /** Calls that reached the dependency in `watchedMs`. */
  readonly reached: number;
  /** What remains of the open time, at most. */
  readonly longestOpenMs: number;
  readonly wellAfterMs: number;
}

export const watchedMs = 1_500;

/** In turn: every fault, every state of the dependency with it, and now and then a replica that is killed. */
export function* rounds(replicas: number): Generator<[Fault, Dependency, number | undefined]> {
  for (let i = 0; ; i++) {
    const fault = faults[i % faults.length] as Fault;
    const dependency = (['down', 'slow', 'up', 'down'] as const)[i % 4] as Dependency;
    yield [fault, dependency, i % 5 === 4 ? i % replicas : undefined];
  }
}
