import { z } from 'zod';
import { NextCursor } from './paging.ts';

export const WebhookEventName = z
  .enum(['started', 'page', 'completed', 'failed'])
  .meta({ id: 'WebhookEventName', description: 'What a crawl tells its webhook' });
export type WebhookEventName = z.infer<typeof WebhookEventName>;

export const Webhook = z
  .strictObject({
    url: z.string().min(1).max(2000).describe('Gets each event as a POST'),
    secretName: z
      .string()
      .regex(/^[\w.-]{1,64}$/)
      .optional()
      .describe('Of a secret in CRAWL_WEBHOOK_SECRETS_FILE; `default` where that file has it'),
    events: z
      .array(WebhookEventName)
      .min(1)
      .max(10)
      .default([...WebhookEventName.options])
      .describe('Those that are sent'),
    metadata: z
      .record(z.string().max(100), z.string().max(1000))
      .default({})
      .describe('Comes back with each event'),
  })
  .meta({ id: 'Webhook', description: 'Where the events of a crawl are sent' });
export type Webhook = z.infer<typeof Webhook>;

/** The body that a webhook gets. Its headers are those of https://www.standardwebhooks.com. */
export const WebhookEvent = z
  .object({
    success: z.boolean(),
    type: z.templateLiteral(['crawl.', WebhookEventName]),
    id: z.string().describe('Of the crawl'),
    data: z.array(z.unknown()).describe('The page as /pages has it, or how the crawl ended'),
    error: z.string().optional(),
    metadata: z.record(z.string(), z.string()),
  })
  .meta({ id: 'WebhookEvent' });
export type WebhookEvent = z.infer<typeof WebhookEvent>;

/** One attempt to deliver an event. */
export const WebhookDelivery = z
  .object({
    webhookId: z.string().describe('The header `webhook-id`, the same in each attempt'),
    type: WebhookEvent.shape.type.describe('The event'),
    attempt: z.int().describe('From 1'),
    delivered: z.boolean().describe('Whether the webhook took it'),
    httpStatus: z.int().nullable().describe('Of its answer; null without one'),
    error: z.string().optional().describe('Why not'),
    at: z.iso.datetime().describe('When it was made'),
    ms: z.int().describe('That it took'),
  })
  .meta({ id: 'WebhookDelivery' });
export type WebhookDelivery = z.infer<typeof WebhookDelivery>;

/** One page of attempts, in their order. */
export const WebhookDeliveryList = z
  .object({ deliveries: z.array(WebhookDelivery).describe('In their order'), next_cursor: NextCursor })
  .meta({ id: 'WebhookDeliveryList' });
export type WebhookDeliveryList = z.infer<typeof WebhookDeliveryList>;
