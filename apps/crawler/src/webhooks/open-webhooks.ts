import { createFetcher, type Fetcher } from '@xnai/egress';
import type { Registry } from '@xnai/resilience';
import type { Logger } from '@xnai/service';
import type { Redis } from 'ioredis';
import { createReceivers } from '../hosts.ts';
import { readEvents } from '../ledger/events.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { deliverWebhooks } from './deliver-webhooks.ts';
import { openSecrets, type WebhookSecrets } from './secrets.ts';
import { createWebhookQueue, type WebhookQueue } from './webhook-queue.ts';

export interface WebhookSettings {
  readonly userAgent: string;
  /** Private origins that webhooks may be sent to. */
  readonly allowedOrigins: readonly string[];
  readonly secretsFile: string | undefined;
  readonly keepS: number;
  readonly log: Logger;
}

export interface Webhooks {
  /** The way out to receivers, apart from that of crawls. */
  readonly fetcher: Fetcher;
  readonly secrets: WebhookSecrets;
  readonly queue: WebhookQueue;
  start(parts: WebhookParts): AsyncDisposable;
}

interface WebhookParts {
  readonly registry: Pick<Registry, 'family'>;
  readonly ledger: Pick<Ledger, 'request'>;
}

/** @throws {Error} when the file of secrets cannot be read */
export function openWebhooks(redis: Redis, settings: WebhookSettings): Webhooks {
  const fetcher = createFetcher(settings);
  const { log } = settings;
  const secrets = openSecrets(settings.secretsFile, (reason) =>
    log.warn({ reason }, 'the file of webhook secrets cannot be read: those of before stay in force'),
  );
  const queue = createWebhookQueue(redis, settings.keepS);
  return {
    fetcher,
    secrets,
    queue,
    start({ registry, ledger }) {
      const delivery = deliverWebhooks({
        fetcher,
        secrets,
        queue,
        receivers: createReceivers(registry),
        requestOf: (id) => ledger.request(id),
        eventsAfter: (id, after) => readEvents(redis, id, after),
        log,
      });
      return {
        async [Symbol.asyncDispose]() {
          await delivery[Symbol.asyncDispose]();
          await fetcher.close();
        },
      };
    },
  };
}
