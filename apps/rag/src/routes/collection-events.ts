import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { type Collection, CollectionName } from '@xnai/contracts';
import { type App, streamEvents } from '@xnai/service';
import { z } from 'zod';
import type { Store } from '../store/store.ts';
import { readCollection } from './collections.ts';

const Params = z.object({ collection: CollectionName });

const textAnswer = {
  type: 'text/event-stream',
  description: '`collection` (`Collection`): at once, and whenever its figures have changed',
};

/** As often as a person wants to see progress; the figures are counted, not scanned for. */
const LOOK_EVERY_MS = 1000;

/** How far a collection is embedded, by which model, and what that cannot embed, as it changes. */
export function collectionEvents(app: App, { store }: { readonly store: Store }): void {
  app.get(
    '/v1/collections/:collection/events',
    {
      config: { scope: 'query', textAnswer },
      schema: { params: Params, summary: 'Server-sent events: the collection, whenever its figures change' },
    },
    async (request, reply) => {
      const { collection } = request.params;
      let last: Collection | undefined = await readCollection(store, collection, request.signal);
      await streamEvents(request, reply, async ({ signal, send }) => {
        await send('collection', last);
        while (!signal.aborted) {
          await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => {});
          if (signal.aborted) return;
          const now = await readCollection(store, collection, signal);
          if (!isDeepStrictEqual(now, last)) await send('collection', now);
          last = now;
        }
      });
    },
  );
}
