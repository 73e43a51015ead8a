import { join } from 'node:path';
import { deadlineIn } from '@xnai/resilience';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAbsentModels } from './testing/absent.ts';
import { judgeByTable } from './testing/judge-by-table.ts';
import { describeJudging } from './testing/judging.contract.ts';
import { makeTestDirectory, openTestModels, untilState } from './testing/open-test-models.ts';
import { writeScriptedModel } from './testing/scripted-model.ts';

const directory = makeTestDirectory();
const file = (name: string) => join(directory.path, `${name}.gguf`);
const about = (content: string) => ({ kind: 'chat', messages: [{ role: 'user', content }] }) as const;

beforeAll(() => {
  writeScriptedModel(file('yes'), ['yes', 'No']);
  writeScriptedModel(file('no'), ['No', 'yes']);
  writeScriptedModel(file('perhaps'), ['Perhaps', 'yes', 'No']);
  writeScriptedModel(file('mute'), ['The ', 'upload ', 'limit']);
});
afterAll(() => directory.remove());

async function open(name: string) {
  const test = openTestModels({ generate: file(name), config: { contextTokens: 1024 } });
  await untilState(test.models.generator, 'ready');
  return { ...test, generator: test.models.generator };
}

describe('a model that judges', () => {
  describeJudging(() => open('yes'));

  it.each([
    ['yes', 0.99, 1],
    ['no', 0, 0.01],
    // Neither is likelier than the other.
    ['perhaps', 0.49, 0.51],
  ])('gives the probability of yes: it says %s', async (name, least, most) => {
    await using test = openTestModels({ generate: file(name) });
    const ready = Promise.withResolvers<void>();
    test.models.generator.onReady(ready.resolve);
    await ready.promise;
    const prompts = ['a walrus', 'a fox', 'an owl'].map((thing) =>
      about(`${'Is it so? '.repeat(20)}${thing}`),
    );
    const { probabilities, ...tokens } = await test.models.generator.judge(prompts);
    for (const probability of probabilities) {
      expect(probability).toBeGreaterThanOrEqual(least);
      expect(probability).toBeLessThanOrEqual(most);
    }
    // The second and the third find the beginning that the first has left.
    expect(tokens.cachedTokens).toBeGreaterThan(tokens.promptTokens / 2);
  });

  it('refuses what would be late, and a prompt that is too long, and goes on', async () => {
    await using test = await open('yes');
    const { judge } = test.generator;
    const late = judge([about('x')], { deadline: deadlineIn(0) });
    await expect(late).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    const long = judge([about('x'), about('x'.repeat(2_000))]);
    await expect(long).rejects.toMatchObject({ code: 'PROMPT_TOO_LONG' });
    expect((await judge([about('x')])).probabilities).toHaveLength(1);
    expect(test.models.load().running).toBe(0);
  });

  it('refuses all where the vocabulary has no words for it', async () => {
    await using test = await open('mute');
    await expect(test.generator.judge([about('x')])).rejects.toMatchObject({ code: 'MODEL_UNUSABLE' });
  });
});

describe('a judge by table', () => {
  describeJudging(async () => ({
    generator: judgeByTable(createAbsentModels().generator, (prompt) => 1 / prompt.length),
    [Symbol.asyncDispose]: async () => undefined,
  }));
});
