import type { Redis } from 'ioredis';

/** The success of rendering a host's pages, over all crawls and replicas. */
export interface RenderRecord {
  /** Pages that gained text by it. */
  readonly helped: number;
  /** Pages that gained none. */
  readonly vain: number;
}

export interface RenderMemory {
  get(host: string): Promise<RenderRecord>;
  learn(host: string, outcome: keyof RenderRecord): Promise<void>;
}

/** A site may change, and a crawl of the next morning shall see that. */
const KEEP_S = 6 * 3600;
const NOTHING: RenderRecord = { helped: 0, vain: 0 };

/** It is only a hint: while Redis is away, it is empty and learns nothing. */
export function createRenderMemory({ redis }: { readonly redis: Redis }): RenderMemory {
  return {
    async get(host) {
      try {
        const [helped, vain] = await redis.hmget(keyOf(host), 'helped', 'vain');
        return { helped: Number(helped ?? 0), vain: Number(vain ?? 0) };
      } catch {
        return NOTHING;
      }
    },
    async learn(host, outcome) {
      await redis
        .multi()
        .hincrby(keyOf(host), outcome, 1)
        .expire(keyOf(host), KEEP_S)
        .exec()
        .catch(() => {});
    },
  };
}

function keyOf(host: string): string {
  return `xnai:crawl:render:${host}`;
}
