import { EGRESS_REFUSALS, type EgressCounts } from '@xnai/egress';
import { Counter, Gauge, type Registry } from 'prom-client';

export interface EgressMetrics {
  /** Takes the traffic of a crawl's egress since its process began. */
  observe(crawlId: string, counts: EgressCounts): void;
  forget(crawlId: string): void;
}

const NONE: EgressCounts = { connections: 0, bytes: 0, refusals: {} };

/** The traffic of each crawl while it runs, and of all crawls together. */
export function createEgressMetrics(registers: Registry[]): EgressMetrics {
  const seen = new Map<string, EgressCounts>();
  const totals = {
    connections: new Counter({
      name: 'crawl_egress_connections_total',
      help: 'Connections to the egress proxy',
      registers,
    }),
    bytes: new Counter({
      name: 'crawl_egress_bytes_total',
      help: 'Bytes through the egress proxy, both ways together',
      registers,
    }),
    refusals: new Counter({
      name: 'crawl_egress_refusals_total',
      help: 'Connections that the egress proxy refused or cut',
      labelNames: ['reason'],
      registers,
    }),
  };
  // A rate over a series that begins with its first event misses it.
  for (const reason of EGRESS_REFUSALS) totals.refusals.inc({ reason }, 0);
  addGauge(registers, seen, 'connections', 'Connections of each crawl that runs');
  addGauge(registers, seen, 'bytes', 'Bytes of each crawl that runs');
  addRefusalGauge(registers, seen);

  return {
    observe(crawlId, counts) {
      const before = seen.get(crawlId) ?? NONE;
      totals.connections.inc(growth(before.connections, counts.connections));
      totals.bytes.inc(growth(before.bytes, counts.bytes));
      for (const [reason, count] of Object.entries(counts.refusals)) {
        totals.refusals.inc(
          { reason },
          growth(before.refusals[reason as keyof typeof counts.refusals] ?? 0, count),
        );
      }
      seen.set(crawlId, counts);
    },
    forget: (crawlId) => void seen.delete(crawlId),
  };
}

/** A restarted process counts from zero. */
function growth(before: number, now: number): number {
  return now >= before ? now - before : now;
}

function addGauge(
  registers: Registry[],
  seen: ReadonlyMap<string, EgressCounts>,
  what: 'connections' | 'bytes',
  help: string,
): void {
  new Gauge({
    name: `crawl_egress_${what}`,
    help,
    labelNames: ['crawl'],
    registers,
    collect() {
      this.reset();
      for (const [crawl, counts] of seen) this.set({ crawl }, counts[what]);
    },
  });
}

function addRefusalGauge(registers: Registry[], seen: ReadonlyMap<string, EgressCounts>): void {
  new Gauge({
    name: 'crawl_egress_refusals',
    help: 'Connections that were refused to each crawl that runs',
    labelNames: ['crawl', 'reason'],
    registers,
    collect() {
      this.reset();
      for (const [crawl, { refusals }] of seen) {
        for (const [reason, count] of Object.entries(refusals)) this.set({ crawl, reason }, count);
      }
    },
  });
}
