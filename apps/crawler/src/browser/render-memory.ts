import type { Redis } from 'ioredis';

/** What is known about a host over all crawls and replicas. */
export interface RenderRecord {
  /** Pages whose text only came with the browser. */
  readonly helped: number;
  /** Pages for which the browser was started in vain. */
  readonly vain: number;
}

export interface RenderMemory {
  get(host: string): Promise<RenderRecord>;
  learn(host: string, outcome: keyof RenderRecord): Promise<void>;
}

const KEEP_S = 7 * 24 * 3600;
const NOTHING: RenderRecord = { helped: 0, vain: 0 };

/** A hint and no more: while Redis is away nothing is known, and nothing is learned. */
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
