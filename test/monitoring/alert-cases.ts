/** Series in the notation of promtool, a value a minute. */
export type Series = Readonly<Record<string, string>>;

export interface AlertCase {
  /** Fires it once `at` has come, with these labels besides its severity. */
  readonly series: Series;
  readonly at: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Another way in which it comes. */
  readonly also?: Pick<AlertCase, 'series' | 'labels'>;
  /** Differs in the one thing that matters, and fires nothing of this name. */
  readonly neighbour: Series;
}

const RAG = { job: 'rag', instance: 'rag:8080' };
const CRAWLER = { job: 'crawler', instance: 'crawler:8081' };
const NODE = { job: 'node', instance: 'node-exporter:9100' };
const REDIS = { job: 'redis', instance: 'redis-exporter:9121' };

const rag = (metric: string, more = '') => `${metric}{job="rag",instance="rag:8080"${more}}`;
const crawler = (metric: string, more = '') => `${metric}{job="crawler",instance="crawler:8081"${more}}`;
const node = (metric: string, more = '') => `${metric}{job="node",instance="node-exporter:9100"${more}}`;
const redis = (metric: string) => `${metric}{job="redis",instance="redis-exporter:9121"}`;

const tmpfs = crawler('resilience_resource_used_ratio', ',resource="memory",source="tmpfs /app/work"');
const TMPFS = { ...CRAWLER, resource: 'memory', source: 'tmpfs /app/work' };
const level = (name: string) => rag('resilience_resource_level', `,resource="memory",level="${name}"`);
const breaker = (state: string, name = 'embed') =>
  rag('resilience_breaker_state', `,name="${name}",scope="shared",state="${state}"`);
const refused = (name: string) => rag('resilience_breaker_calls_total', `,name="${name}",outcome="rejected"`);
const disk = (figure: string) =>
  node(`node_filesystem_${figure}_bytes`, ',mountpoint="/var/lib/xnai-metrics"');
const requests = (more: string, status = '200') =>
  rag(`http_request_duration_seconds_${more}`, `,method="POST",route="/v1/search",status="${status}"`);
const inTime = rag(
  'http_request_duration_seconds_bucket',
  ',method="POST",route="/v1/search",status="200",le="0.3"',
);
const listed = (more: string, bucket = '') =>
  rag(`http_request_duration_seconds_${more}`, `,method="GET",route="/v1/collections",status="200"${bucket}`);
const listedInTime = listed('bucket', ',le="0.3"');
const firstToken = (more: string) => rag(`xnai_model_first_token_seconds_${more}`);
const firstTokenInTime = rag('xnai_model_first_token_seconds_bucket', ',le="0.3"');
const quietToken = (more: string, bucket = '') =>
  `xnai_model_first_token_seconds_${more}{job="quiet",instance="quiet:8080"${bucket}}`;
const quietTokenInTime = quietToken('bucket', ',le="0.3"');
const SEARCH = { job: 'rag', operation: 'POST /v1/search' };

export const ALERT_CASES: Readonly<Record<string, AlertCase>> = {
  TargetDown: {
    series: { [rag('up')]: '0x10' },
    at: '3m',
    labels: RAG,
    neighbour: { [rag('up')]: '1 0 1x10' },
  },
  ServiceRestarting: {
    series: { [rag('process_start_time_seconds')]: '1 2 3 4 4x10' },
    at: '5m',
    labels: RAG,
    also: { series: { [redis('redis_uptime_in_seconds')]: '90 5 9 2 8 3 60x10' }, labels: REDIS },
    neighbour: {
      [rag('process_start_time_seconds')]: '1 1 2 2x10',
      [redis('redis_uptime_in_seconds')]: '90 5 65 124 185+60x10',
    },
  },
  ModelRestarting: {
    series: { [rag('xnai_model_restarts_total', ',model="generate"')]: '0 1 2 3 4 4x15' },
    at: '15m',
    labels: { ...RAG, model: 'generate' },
    neighbour: { [rag('xnai_model_restarts_total', ',model="generate"')]: '0 1 1x15' },
  },
  RedisDown: {
    series: { [redis('redis_up')]: '0x5' },
    at: '2m',
    labels: REDIS,
    neighbour: { [redis('redis_up')]: '1x5' },
  },
  AlertsNotDelivered: {
    series: {
      'alertmanager_notifications_failed_total{job="alertmanager",integration="webhook"}': '0 0 1 2x10',
    },
    at: '5m',
    labels: { job: 'alertmanager', integration: 'webhook' },
    neighbour: {
      'alertmanager_notifications_failed_total{job="alertmanager",integration="webhook"}': '2x10',
    },
  },
  TmpfsNearlyFull: {
    series: { [tmpfs]: '0.9x10' },
    at: '6m',
    labels: TMPFS,
    neighbour: {
      [crawler('resilience_resource_used_ratio', ',resource="memory",source="pressure"')]: '0.9x10',
    },
  },
  TmpfsFillsSoon: {
    series: { [tmpfs]: '0.5+0.003x90' },
    at: '80m',
    labels: TMPFS,
    neighbour: { [tmpfs]: '0.7+0.0001x90' },
  },
  MemoryRefusing: {
    series: { [level('refuse')]: '1x5', [level('shed')]: '0x5' },
    at: '2m',
    labels: { ...RAG, resource: 'memory', level: 'refuse' },
    neighbour: { [level('refuse')]: '0x5', [level('shed')]: '1x5' },
  },
  MemoryShedding: {
    series: { [level('shed')]: '1x15' },
    at: '11m',
    labels: { ...RAG, resource: 'memory', level: 'shed' },
    neighbour: { [level('shed')]: '1 1 0 1x12' },
  },
  RedisMemoryHigh: {
    series: { [redis('redis_memory_used_bytes')]: '90x10', [redis('redis_memory_max_bytes')]: '100x10' },
    at: '6m',
    labels: REDIS,
    // No limit is set.
    neighbour: { [redis('redis_memory_used_bytes')]: '90x10', [redis('redis_memory_max_bytes')]: '0x10' },
  },
  HostMemoryLow: {
    series: {
      [node('node_memory_MemAvailable_bytes')]: '5x10',
      [node('node_memory_MemTotal_bytes')]: '100x10',
    },
    at: '6m',
    labels: NODE,
    neighbour: {
      [node('node_memory_MemAvailable_bytes')]: '20x10',
      [node('node_memory_MemTotal_bytes')]: '100x10',
    },
  },
  HostMemoryStalls: {
    series: { [node('node_pressure_memory_stalled_seconds_total')]: '0+12x20' },
    at: '15m',
    labels: NODE,
    neighbour: { [node('node_pressure_memory_stalled_seconds_total')]: '0+3x20' },
  },
  HostSwapping: {
    series: { [node('node_vmstat_pswpin')]: '0+12000x20' },
    at: '15m',
    labels: NODE,
    neighbour: { [node('node_vmstat_pswpin')]: '0+600x20' },
  },
  DiskNearlyFull: {
    series: { [disk('avail')]: '5x10', [disk('size')]: '100x10' },
    at: '6m',
    labels: { ...NODE, mountpoint: '/var/lib/xnai-metrics' },
    neighbour: { [disk('avail')]: '15x10', [disk('size')]: '100x10' },
  },
  BreakerOpen: {
    series: { [breaker('open')]: '1x10', [breaker('half-open')]: '0x10', [refused('embed')]: '0+1x10' },
    at: '6m',
    labels: { job: 'rag', name: 'embed' },
    neighbour: {
      ...{ [breaker('open')]: '0x10', [breaker('half-open')]: '1x10', [refused('embed')]: '0+1x10' },
      // Open, and called by nobody.
      ...{ [breaker('open', 'rerank')]: '1x10', [refused('rerank')]: '9x10' },
    },
  },
  BreakerIsolated: {
    series: { [breaker('isolated')]: '1x70' },
    at: '61m',
    labels: { job: 'rag', name: 'embed' },
    neighbour: { [breaker('isolated')]: '1x30 0x40' },
  },
  BreakersNotShared: {
    series: { [rag('resilience_store_up')]: '0x10' },
    at: '6m',
    labels: RAG,
    neighbour: { [rag('resilience_store_up')]: '1x10' },
  },
  CrawlStuck: {
    series: {
      [crawler('crawl_active')]: '1x40',
      [crawler('crawl_pages_total', ',status="fetched"')]: '5x40',
    },
    at: '30m',
    labels: CRAWLER,
    neighbour: {
      [crawler('crawl_active')]: '1x40',
      [crawler('crawl_pages_total', ',status="fetched"')]: '0+1x40',
    },
  },
  OutboxGrowing: {
    series: { [crawler('crawl_outbox_entries')]: '51+1x70' },
    at: '65m',
    labels: CRAWLER,
    neighbour: { [crawler('crawl_outbox_entries')]: '200-1x70' },
  },
  SnapshotMissing: {
    series: {
      [rag('index_snapshot_timestamp_seconds')]: '0x60',
      [rag('rag_chunks_indexed_total')]: '0+1x60',
    },
    at: '50m',
    labels: RAG,
    // Old, but nothing was written since.
    neighbour: {
      [rag('index_snapshot_timestamp_seconds')]: '0x60',
      [rag('rag_chunks_indexed_total')]: '7x60',
    },
  },
  BackupOld: {
    series: { [node('backup_timestamp_seconds')]: '0x120', [node('backup_interval_seconds')]: '1800x120' },
    at: '110m',
    labels: NODE,
    neighbour: {
      [node('backup_timestamp_seconds')]: '0x120',
      [node('backup_interval_seconds')]: '86400x120',
    },
  },
  BackupFailing: {
    series: { [node('backup_failing')]: '1x70' },
    at: '61m',
    labels: NODE,
    neighbour: { [node('backup_failing')]: '1x30 0x40' },
  },
  AuditFailing: {
    series: { [rag('audit_failing')]: '1x5' },
    at: '2m',
    labels: RAG,
    neighbour: { [rag('audit_failing')]: '0x5' },
  },
  ServerErrors: {
    series: { [rag('up')]: '1x20', [requests('count', '500')]: '0+1x20', [requests('count')]: '0+9x20' },
    at: '18m',
    labels: { job: 'rag' },
    neighbour: { [rag('up')]: '1x20', [requests('count', '404')]: '0+9x20', [requests('count')]: '0+1x20' },
  },
  ErrorBudgetBurnsFast: {
    series: { [requests('count')]: '0+10x70', [inTime]: '0+2x70' },
    at: '65m',
    labels: SEARCH,
    // All have failed since the start.
    also: { series: { [requests('count', '500')]: '0+10x70' }, labels: SEARCH },
    neighbour: { [requests('count')]: '0+10x70', [inTime]: '0+5x70' },
  },
  ErrorBudgetBurns: {
    series: { [requests('count')]: '0+10x70', [inTime]: '0+6x70' },
    at: '65m',
    labels: SEARCH,
    // As slow, but 12 requests in an hour.
    neighbour: { [requests('count')]: '0+0.2x70', [inTime]: '0+0.12x70' },
  },
  ErrorBudgetSpent: {
    series: { [requests('count')]: '0+100x100', [inTime]: '0+90x100' },
    at: '90m',
    labels: SEARCH,
    neighbour: {
      ...{ [requests('count')]: '0+100x100', [inTime]: '0+99x100' },
      // As slow, but 90 requests.
      ...{ [listed('count')]: '0+0.9x100', [listedInTime]: '0+0.8x100' },
    },
  },
  FirstTokenSlow: {
    series: { [firstToken('count')]: '0+10x60', [firstTokenInTime]: '0+5x60' },
    at: '50m',
    labels: { job: 'rag', operation: 'first token' },
    neighbour: {
      ...{ [firstToken('count')]: '0+10x60', [firstTokenInTime]: '0+10x60' },
      // As slow, but 12 answers in an hour.
      ...{ [quietToken('count')]: '0+0.2x60', [quietTokenInTime]: '0+0.1x60' },
    },
  },
};
