import { setTimeout as sleep } from 'node:timers/promises';
import type { Embedder } from '@xnai/inference';

/** For tests: an embedder that is ready at once, and makes vectors out of lengths. */
export function createCountedEmbedder(onText: (text: string) => void): Pick<Embedder, 'embed' | 'state'> {
  return {
    state: () => ({ status: 'ready', detail: '', model: 'lengths', dimensions: 4, fingerprint: 'lengths' }),
    async embed(texts) {
      await sleep(1);
      texts.forEach(onText);
      const vectors = texts.map((text) => new Float32Array([1, text.length / 1e6, 0, 0]));
      return { vectors, parts: texts.map(() => 1), tokens: 1 };
    },
  };
}
