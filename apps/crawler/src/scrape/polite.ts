import { setTimeout as delay } from 'node:timers/promises';
import type { FetchResponse } from '@xnai/egress';
import { deadlineIn } from '@xnai/resilience';
import { HostBusy, type HostGate, type HostPace, throughGate } from '../redis/host-gate.ts';

/** How long a client waits for its turn at a host that others ask too. */
const MAX_WAIT_MS = 15_000;

export interface PoliteRequest {
  readonly host: string;
  readonly pace: HostPace;
  readonly request: () => Promise<FetchResponse>;
}

/**
 * Makes one request to a host when its turn comes among those of all crawls and visits. A host that asks for rest by
 * `Retry-After` gets it.
 * @throws {HostBusy} when the turn does not come in time
 */
export async function askPolitely(gate: HostGate, polite: PoliteRequest): Promise<FetchResponse> {
  const deadline = deadlineIn(MAX_WAIT_MS);
  for (;;) {
    try {
      const response = await throughGate(gate, polite.host, polite);
      const restMs = response.status >= 400 ? (response.retryAfterMs ?? 0) : 0;
      if (restMs > 0) await gate.pause(polite.host, Date.now() + restMs);
      return response;
    } catch (error) {
      if (!(error instanceof HostBusy) || error.retryMs > deadline.remainingMs()) throw error;
      await delay(error.retryMs);
    }
  }
}
