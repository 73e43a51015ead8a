import type { BreakerOptions } from '../../src/index.ts';
import { BreakerOpenError, createRegistry, type Registry } from '../../src/index.ts';
import type { FakeClock } from '../../src/testing/index.ts';
import type { WorldBackend, WorldStore } from './world-backend.ts';

export interface Replica {
  readonly registry: Registry<'dep'>;
  readonly store: WorldStore;
  readonly name: string;
  highest: number;
}

/** What a held call is waiting for. */
export interface HeldCall {
  end(ok: boolean): void;
}

export const service = 'sim';

/** A fleet in one process: as many replicas as wanted, one store, one clock, and a dependency that obeys. */
export class FleetWorld {
  readonly clock: FakeClock;
  readonly backend: WorldBackend;
  readonly replicas: (Replica | undefined)[];
  readonly held: HeldCall[] = [];
  /** Errors that reached a caller and were neither the dependency's nor the breaker's. */
  readonly strange: unknown[] = [];
  /** Calls let in, by generation, while the fleet's circuit was half-open. */
  readonly probes = new Map<number, number>();
  readonly #options: BreakerOptions;
  #lives = 0;

  constructor(size: number, options: BreakerOptions, backend: WorldBackend) {
    this.backend = backend;
    this.clock = backend.clock;
    this.#options = options;
    this.replicas = Array.from({ length: size }, () => undefined);
  }

  async start(i: number, { down = false } = {}): Promise<void> {
    if (this.replicas[i] !== undefined) return;
    const store = this.backend.connect();
    store.down = down;
    const name = `r${i}-${++this.#lives}`;
    const registry = createRegistry({
      service,
      store,
      clock: this.clock,
      replica: name,
      random: () => 0.5,
    }).define({ dep: this.#options });
    this.replicas[i] = { registry, store, name, highest: 0 };
    void registry.start();
    await this.clock.settle();
  }

  /** Gone without a word: no flush, no farewell. */
  async crash(i: number): Promise<void> {
    const replica = this.replicas[i];
    if (replica === undefined) return;
    this.replicas[i] = undefined;
    replica.store.down = true;
    const closed = replica.registry.close();
    await this.clock.settle();
    await closed;
  }

  /** One call, that ends at once. */
  async call(i: number, how: 'ok' | 'fail' | 'abort'): Promise<void> {
    const aborter = new AbortController();
    const call = this.#run(i, aborter.signal, async () => {
      // A probe that says nothing gives its slot back: another may follow.
      if (how !== 'abort') await this.#note();
      if (how === 'fail') throw new DependencyError('failed');
      if (how === 'abort') {
        aborter.abort();
        throw aborter.signal.reason;
      }
    });
    await this.clock.settle();
    await call;
  }

  /** A call that ends when told. */
  async hold(i: number): Promise<void> {
    const end = Promise.withResolvers<boolean>();
    void this.#run(i, undefined, async () => {
      await this.#note();
      this.held.push({ end: end.resolve });
      if (!(await end.promise)) throw new DependencyError('failed late');
    });
    await this.clock.settle();
  }

  async #run(i: number, signal: AbortSignal | undefined, work: () => Promise<void>): Promise<void> {
    const replica = this.replicas[i];
    if (replica === undefined) return;
    try {
      await replica.registry.get('dep').execute(
        () => {
          return work();
        },
        { signal },
      );
    } catch (error) {
      const own = error instanceof DependencyError || error instanceof BreakerOpenError;
      if (!own && (error as Error).name !== 'AbortError') this.strange.push(error);
    }
  }

  async #note(): Promise<void> {
    const circuit = await this.backend.circuit(service, 'dep');
    if (circuit?.state !== 'half-open') return;
    this.probes.set(circuit.generation, (this.probes.get(circuit.generation) ?? 0) + 1);
  }

  /** The store's clock jumps. */
  skew(ms: number): undefined {
    this.backend.skewMs = ms;
  }

  alive(): Replica[] {
    return this.replicas.filter((one) => one !== undefined);
  }

  async close(): Promise<void> {
    for (const { end } of this.held.splice(0)) end(true);
    const closing = this.alive().map(({ registry }) => registry.close());
    await this.clock.settle();
    await Promise.all(closing);
  }
}

class DependencyError extends Error {}
