/** What a choice among servers looks at. */
export interface Choosable {
  /** Expected time to the first word for one more call, by what the last ones took; 0 when unknown. */
  costMs(): number;
}

/** The server with the least to wait for; one of them at random where several are alike. */
export function chooseServer<Server extends Choosable>(
  servers: readonly Server[],
  random: () => number = Math.random,
): Server | undefined {
  const costs = servers.map((server) => server.costMs());
  const least = Math.min(...costs);
  const best = servers.filter((_, index) => costs[index] === least);
  return best[Math.floor(random() * best.length)];
}

/** The times and failures of the last calls of one server, and what one more call would cost there. */
export function createServerLoad(nowMs: () => number = () => performance.now()) {
  let latencyMs: number | undefined;
  let failures = 0;
  let inFlight = 0;
  let seenAtMs = nowMs();
  const note = (isFailure: boolean) => {
    failures += WEIGHT * ((isFailure ? 1 : 0) - failures);
    seenAtMs = nowMs();
  };
  return {
    get latencyMs() {
      return latencyMs;
    },
    begin(): void {
      inFlight++;
    },
    end(): void {
      inFlight--;
    },
    answered(ms: number): void {
      latencyMs = latencyMs === undefined ? ms : latencyMs + WEIGHT * (ms - latencyMs);
      note(false);
    },
    failed: () => note(true),
    /** What was slow or failing a while ago is tried again: what is known of it counts half after each half-minute. */
    costMs(): number {
      const known = 0.5 ** ((nowMs() - seenAtMs) / HALF_LIFE_MS);
      return (latencyMs ?? 0) * known * (inFlight + 1) * (1 + FAILURE_COST * failures * known);
    },
  };
}

const WEIGHT = 0.25;
const HALF_LIFE_MS = 30_000;
/** A server all of whose calls fail is taken for five times as slow, until its breaker opens. */
const FAILURE_COST = 4;
