import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { getLlama, type Llama } from 'node-llama-cpp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeTestDirectory } from '../testing/index.ts';
import { type BertShape, writeUnknowingBert } from '../testing/random-bert.ts';
import { makeTrainedEmbedder } from '../testing/trained-embedder/trained-embedder.ts';
import type { LoadedInfo, LoadSettings } from './messages.ts';
import { MeaninglessModel, probeModel } from './probe-model.ts';
import { createEmbedModel, createRerankModel } from './reading-models.ts';

const SHAPES: readonly BertShape[] = [
  { width: 64, layers: 1, heads: 2, feedForward: 128, contextTokens: 512 },
  { width: 64, layers: 2, heads: 2, feedForward: 128, contextTokens: 512 },
  { width: 128, layers: 4, heads: 4, feedForward: 256, contextTokens: 512 },
];
const MODELS = 300;
const MOST_THAT_PASS = MODELS / 100;

let llama: Llama;
const directory = makeTestDirectory();
beforeAll(async () => {
  llama = await getLlama({ gpu: false });
});
afterAll(async () => {
  await llama?.dispose();
  directory.remove();
});

it.each(['embed', 'rerank'] as const)(
  'fewer than one in a hundred models that nobody trained pass (%s)',
  { timeout: 1_800_000 },
  async (purpose) => {
    const path = join(directory.path, `${purpose}.gguf`);
    let passed = 0;
    for (let n = 0; n < MODELS; n += 1) {
      writeUnknowingBert(path, purpose, SHAPES[n % SHAPES.length]);
      if (await passes(path, purpose)) passed += 1;
      rmSync(path);
    }
    process.stdout.write(`${purpose}: ${passed} of ${MODELS} models of random weights pass the probe\n`);
    expect(passed).toBeLessThan(MOST_THAT_PASS);
  },
);

it('a trained one passes', async () => {
  expect(await passes(await makeTrainedEmbedder(), 'embed')).toBe(true);
});

async function passes(file: string, purpose: 'embed' | 'rerank'): Promise<boolean> {
  const model = await llama.loadModel({ modelPath: file });
  const settings = { contextTokens: 512, threads: 1 } as unknown as LoadSettings;
  const embedding = { prefixes: { query: '', document: '' }, fingerprint: '' };
  const info = { id: 'random', ...(purpose === 'embed' && { embedding }) } as unknown as LoadedInfo;
  try {
    const create = purpose === 'embed' ? createEmbedModel : createRerankModel;
    await probeModel(await create(model, settings, info));
    return true;
  } catch (error) {
    if (error instanceof MeaninglessModel) return false;
    throw error;
  } finally {
    await model.dispose();
  }
}
