import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTestModels, type TestModels, untilState } from '../open-test-models.ts';
import { makeTrainedEmbedder } from './trained-embedder.ts';

let test: TestModels;
beforeAll(async () => {
  test = openTestModels({ embed: await makeTrainedEmbedder() });
  await untilState(test.models.embedder, 'ready');
});
afterAll(() => test?.[Symbol.asyncDispose]());

const embed = async (...texts: string[]) => (await test.models.embedder.embed(texts, 'plain')).vectors;
const cosine = (a: Float32Array = new Float32Array(), b: Float32Array = new Float32Array()) =>
  a.reduce((sum, x, index) => sum + x * (b[index] ?? 0), 0);

it('is an embedder of 384 dimensions', () => {
  expect(test.models.embedder.info()).toMatchObject({ dimensions: 384, architecture: 'llama-embed' });
});

it.each([
  ['How long do dogs live?', 'The lifespan of a puppy', 'The tax on imported steel'],
  ['physician', 'doctor', 'bicycle'],
  ['Where can I buy a car?', 'Automobile dealers', 'Recipes for soup'],
  ['The army was defeated', 'Soldiers lost the battle', 'Leaves turn red in autumn'],
])('puts "%s" nearer to "%s" than to "%s", without a word in common', async (text, near, far) => {
  const [a, b, c] = await embed(text, near, far);
  expect(cosine(a, b)).toBeGreaterThan(cosine(a, c) + 0.1);
});

it('reads any white space as one space, and a text as the sum of its pieces', async () => {
  const [lines, words, a, b] = await embed('dog\n\tcat ', 'dog cat', 'dog', 'cat');
  expect(cosine(lines, words)).toBeCloseTo(1, 4);
  const sum = a?.map((x, index) => x + (b?.[index] ?? 0));
  expect(cosine(sum, words) / Math.sqrt(cosine(sum, sum))).toBeCloseTo(1, 3);
});

it('gives what it cannot read no direction of its own', async () => {
  const [plain, withUnknown] = await embed('dog', 'dog 犬');
  expect(cosine(plain, withUnknown)).toBeCloseTo(1, 2);
});

it('is made once', async () => {
  expect(await makeTrainedEmbedder()).toBe(test.models.embedder.info()?.file);
});
