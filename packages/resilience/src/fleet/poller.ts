import type { Clock } from '../time/clock.ts';

export interface PollerDeps {
  readonly clock: Clock;
  readonly random: () => number;
  readonly intervalMs: () => number;
}

/** Runs one poll at a time, again and again, with a jitter of a fifth so that replicas do not poll as one. */
export class Poller {
  readonly #run: () => Promise<void>;
  readonly #deps: PollerDeps;
  #state: 'waiting' | 'polling' | 'again' | 'stopped' = 'waiting';
  #cancel = () => {};

  constructor(run: () => Promise<void>, deps: PollerDeps) {
    this.#run = run;
    this.#deps = deps;
  }

  /** Now, or once more when one is under way. */
  poll(): void {
    if (this.#state === 'polling') this.#state = 'again';
    if (this.#state !== 'waiting') return;
    this.#cancel();
    this.#state = 'polling';
    void this.#run().finally(() => {
      const isAgain = this.#state === 'again';
      if (this.#state === 'stopped') return;
      this.#state = 'waiting';
      if (isAgain) this.poll();
      else this.pollIn(this.#deps.intervalMs());
    });
  }

  /** Replaces the time of the next poll. */
  pollIn(ms: number): void {
    if (this.#state === 'stopped') return;
    this.#cancel();
    const { clock, random } = this.#deps;
    this.#cancel = clock.inBackground(ms * (0.8 + random() * 0.4), () => this.poll());
  }

  stop(): void {
    this.#state = 'stopped';
    this.#cancel();
  }
}
