import { join } from 'node:path';
import { makeTestDirectory, untilState, writeScriptedModel } from '@xnai/inference/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { openTestApi, type TestApi } from './testing/open-test-api.ts';

const directory = makeTestDirectory();
afterAll(() => directory.remove());

const GUIDE = `# Uploads

The upload limit is 20 MB. The upload limit can be raised by the administrator.

# Ferries

The ferry leaves at noon. The price of the ferry can be raised in summer.`;
const BEFORE = [
  { role: 'user', content: 'What is the upload limit?' },
  { role: 'assistant', content: 'The upload limit is 20 MB. [1]' },
] as const;

const chat = ({ client }: TestApi, question: string) =>
  client.chat.completions.create({
    model: 'rag',
    messages: [...BEFORE, { role: 'user', content: question }],
  });

describe('a chat that goes on', () => {
  it('is answered about what it leans on, and says what was searched for', async () => {
    await using api = await openTestApi({});
    await api.put('guide', GUIDE);
    const answer = await chat(api, 'By whom can it be raised?');
    expect(answer).toMatchObject({ searched: 'upload limit: By whom can it be raised?' });
    expect(answer.choices[0]?.message.content).toContain('administrator');
    expect(answer.choices[0]?.message.content).not.toContain('ferry');
    const other = await chat(api, 'When does the ferry leave the harbour?');
    expect(other).not.toHaveProperty('searched');
  });

  it('may end in a long message: what it asks is answered, or else its end', async () => {
    await using api = await openTestApi({});
    await api.put('guide', GUIDE);
    const talk = 'We talked about the weather, the quay and the boats. '.repeat(60);
    for (const question of [`${talk}When does the ferry leave?`, `${talk}Tell me when the ferry leaves.`]) {
      const answer = await chat(api, question);
      expect(answer.choices[0]?.message.content).toContain('noon');
    }
  });

  it.each([
    // Holds the words of the question and of the conversation.
    [
      ['By ', 'whom ', 'can ', 'the ', 'upload ', 'limit ', 'be ', 'raised', '?'],
      'By whom can the upload limit be raised?',
    ],
    // Answers in place of rewriting.
    [
      ['The ', 'upload ', 'limit ', 'is ', '20 ', 'MB ', '[1]', '.'],
      'upload limit: By whom can it be raised?',
    ],
    // Speaks of something else.
    [
      ['By ', 'whom ', 'can ', 'the ', 'bananas ', 'be ', 'raised', '?'],
      'upload limit: By whom can it be raised?',
    ],
  ])('is rewritten by a model that keeps to what was said: %#', async (script, searched) => {
    const file = join(directory.path, `${script.join('').length}-${script[4]?.trim()}.gguf`);
    writeScriptedModel(file, script);
    await using api = await openTestApi({ generate: file });
    await api.put('guide', GUIDE);
    await untilState(api.test.models.generator, 'ready');
    expect(await chat(api, 'By whom can it be raised?')).toMatchObject({ searched });
  });
});
