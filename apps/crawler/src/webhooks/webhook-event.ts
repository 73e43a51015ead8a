import type { Webhook, WebhookEvent, WebhookEventName } from '@xnai/contracts';
import type { CrawlEvent } from '../ledger/events.ts';

interface Finished {
  readonly status: string;
  readonly error?: string;
}

/** An event of a crawl as its webhook gets it; undefined for those that it does not want. */
export function webhookEventOf(
  id: string,
  { events, metadata }: Webhook,
  event: CrawlEvent,
): WebhookEvent | undefined {
  if (event.type === 'progress') return undefined;
  const data: unknown = JSON.parse(event.data);
  const { status, error } = event.type === 'finished' ? (data as Finished) : ({} as Partial<Finished>);
  const isFailed = status === 'failed' || status === 'cancelled';
  const name: WebhookEventName = event.type === 'finished' ? (isFailed ? 'failed' : 'completed') : event.type;
  if (!events.includes(name)) return undefined;
  return {
    success: !isFailed,
    type: `crawl.${name}`,
    id,
    data: event.type === 'started' ? [] : [data],
    ...(error !== undefined && { error }),
    metadata,
  };
}
