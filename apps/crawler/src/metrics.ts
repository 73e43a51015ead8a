import { PageStatus } from '@xnai/contracts';
import type { EgressCounts } from '@xnai/egress';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { Heartbeat } from './crawl/messages.ts';
import type { Outbox } from './deliver/outbox.ts';
import { createEgressMetrics } from './egress-metrics.ts';

export interface CrawlMetrics {
  heartbeat(crawlId: string, heartbeat: Heartbeat): void;
  ended(crawlId: string): void;
  delivered(status: string): void;
  /** Counts the traffic of one scraped page. */
  scraped(counts: EgressCounts): void;
}

const STATUSES = [...PageStatus.options, 'removed', 'gone'];

/** The metrics of crawls, in addition to those of every service. */
export function createCrawlMetrics(registry: Registry, outbox: Pick<Outbox, 'size'>): CrawlMetrics {
  const registers = [registry];
  const rss = new Map<string, number>();
  const egress = createEgressMetrics(registers);
  const pages = new Counter({
    name: 'crawl_pages_total',
    help: 'Pages by what became of them; a fetched page is later counted as indexed, unchanged or failed',
    labelNames: ['status'],
    registers,
  });
  // A rate over a series that begins with its first event misses it.
  for (const status of STATUSES) pages.inc({ status }, 0);
  new Gauge({
    name: 'crawl_active',
    help: 'Crawls that this replica runs',
    registers,
    collect() {
      this.set(rss.size);
    },
  });
  new Gauge({
    name: 'crawl_child_rss_bytes',
    help: 'Memory of the processes of the crawls that this replica runs',
    registers,
    collect() {
      this.set(rss.values().reduce((sum, bytes) => sum + bytes, 0));
    },
  });
  addOutboxGauges(registers, outbox);

  return {
    heartbeat(crawlId, heartbeat) {
      rss.set(crawlId, heartbeat.rssBytes);
      if (heartbeat.egress !== undefined) egress.observe(crawlId, heartbeat.egress);
      for (const [status, count] of Object.entries(heartbeat.pages)) pages.inc({ status }, count);
    },
    ended(crawlId) {
      rss.delete(crawlId);
      egress.forget(crawlId);
    },
    delivered: (status) => pages.inc({ status }),
    scraped(counts) {
      egress.observe('scrape', counts);
      egress.forget('scrape');
    },
  };
}

function addOutboxGauges(registers: Registry[], outbox: Pick<Outbox, 'size'>): void {
  const bytes = new Gauge({
    name: 'crawl_outbox_bytes',
    help: 'Bytes of pages that wait for rag',
    registers,
  });
  new Gauge({
    name: 'crawl_outbox_entries',
    help: 'Pages that wait for rag, of all crawls and replicas',
    registers,
    async collect() {
      // Without Redis the figure is unknown, and the last one may be wrong.
      const size = await outbox.size().catch(() => ({ entries: Number.NaN, bytes: Number.NaN }));
      this.set(size.entries);
      bytes.set(size.bytes);
    },
  });
}
