import type { FastifyRequest } from 'fastify';
import type { App } from './app-type.ts';
import type { AuditLog } from './audit-log.ts';

const WINDOW_MS = 60_000;
const ADDRESSES_NAMED = 5;

interface Refused {
  unknown: number;
  forbidden: number;
  readonly from: Set<string>;
  readonly by: Set<string>;
}

/**
 * Records keys that are not known or lack a scope: the first at once, those of the next minute in one line with their
 * number, so that a flood of wrong keys writes two lines a minute.
 */
export function countRefusedKeys(app: App, audit: AuditLog): void {
  let refused = none();
  let timer: NodeJS.Timeout | undefined;

  async function flush(): Promise<void> {
    const { unknown, forbidden, from, by } = refused;
    if (unknown + forbidden === 0) return;
    refused = none();
    const of = { unknown, forbidden, from: [...from], by: [...by] };
    await audit.record({ what: 'key.refused', of }).catch((err: unknown) => {
      app.log.error({ err, of }, 'refused keys were not recorded');
    });
  }

  app.addHook('onError', async (request, _reply, error) => {
    if (!isRefusal(request, error)) return;
    note(refused, request);
    if (timer !== undefined) return;
    timer = setTimeout(async () => {
      timer = undefined;
      await flush();
    }, WINDOW_MS).unref();
    await flush();
  });
  app.addHook('onClose', async () => {
    clearTimeout(timer);
    await flush();
  });
}

function none(): Refused {
  return { unknown: 0, forbidden: 0, from: new Set(), by: new Set() };
}

/** A request without a key is no refused key. */
function isRefusal(
  { routeOptions, caller, headers }: FastifyRequest,
  error: { readonly code?: string },
): boolean {
  if (routeOptions.config.scope === undefined) return false;
  const hasKey = headers.authorization !== undefined || headers['x-api-key'] !== undefined;
  return caller === undefined ? hasKey : error.code === 'FORBIDDEN';
}

function note(refused: Refused, { caller, ip }: FastifyRequest): void {
  if (caller === undefined) refused.unknown++;
  else refused.forbidden++;
  if (refused.from.size < ADDRESSES_NAMED) refused.from.add(ip);
  if (caller !== undefined && refused.by.size < ADDRESSES_NAMED) refused.by.add(caller.id);
}
