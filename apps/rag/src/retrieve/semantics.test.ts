import { makeTrainedEmbedder, openTestModels, type TestModels } from '@xnai/inference/testing';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openTestRag, type TestRag } from '../testing/open-test-rag.ts';

/** Each with a question that has none of its words. */
const DOCUMENTS: Readonly<Record<string, readonly [text: string, question: string]>> = {
  work: ['The company hired forty engineers last year.', 'How many employees does this business have?'],
  cars: ['Automobile dealers offer used vehicles on Saturdays.', 'Where can I buy a cheap car?'],
  travel: ['Flights depart from the airport at noon.', 'When does the plane leave?'],
  medicine: ['The physician prescribed antibiotics against the infection.', 'Did a doctor give any drugs?'],
  sea: ['Whales and sharks swim in the Atlantic.', 'Which fish live in the ocean?'],
  weather: ['Heavy rainfall and storms are expected along the coast.', 'Is bad weather coming?'],
  school: ['Pupils pass examinations before summer holidays.', 'What tests do students take?'],
  food: ['Bake the dough in an oven and serve it with cheese.', 'What is a recipe for pizza?'],
  money: ['The bank raised its interest rates for mortgages.', 'What does it cost to borrow for a house?'],
  law: ['The judge sentenced the thief to prison.', 'Which court punished criminals?'],
};

/** The vectors mean something: they come from trained weights. */
describe('a question in other words than those of the document', () => {
  let rag: TestRag;
  let models: TestModels;

  beforeAll(async () => {
    models = openTestModels({ embed: await makeTrainedEmbedder() });
    rag = await openTestRag({ openModels: () => models.models });
    for (const [id, [text]] of Object.entries(DOCUMENTS)) await rag.put(id, text);
    const embedded = async () => (await rag.call('GET', '/v1/collections/default')).body.embedded_chunks;
    const all = Object.keys(DOCUMENTS).length;
    await vi.waitFor(async () => expect(await embedded()).toBe(all), { timeout: 30_000, interval: 20 });
  });
  afterAll(async () => {
    await rag?.[Symbol.asyncDispose]();
    await models?.[Symbol.asyncDispose]();
  });

  const search = async (query: string, mode: string) => {
    const { body } = await rag.call('POST', '/v1/search', { query, mode });
    expect(body.retrieval.mode).toBe(mode);
    return body.results.map(({ document_id }: { document_id: string }) => document_id);
  };

  test.each(Object.entries(DOCUMENTS))('finds %s by its vector alone', async (id, [_text, question]) => {
    expect(await search(question, 'lexical')).not.toContain(id);
    expect((await search(question, 'dense'))[0]).toBe(id);
    expect(await search(question, 'hybrid')).toContain(id);
  });

  test('does not push what words find from the first place', async () => {
    for (const [id, [text]] of Object.entries(DOCUMENTS)) {
      const words = text.split(' ').slice(1, 4).join(' ');
      expect((await search(words, 'lexical'))[0]).toBe(id);
      expect((await search(words, 'hybrid'))[0]).toBe(id);
    }
  });
});
