import { join } from 'node:path';
import type { QueryResponse, Readiness } from '@xnai/contracts';
import { type Generator, ModelError, type Prompt } from '@xnai/inference';
import { judgeByTable, makeTestDirectory, untilState, writeScriptedModel } from '@xnai/inference/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestApi, type TestApi } from '../../openai/testing/open-test-api.ts';
import { probePrompts } from './probe.ts';

const directory = makeTestDirectory();
const file = (name: string) => join(directory.path, `${name}.gguf`);
const QUESTION = { query: 'What is the upload limit?' };

beforeAll(() => {
  writeScriptedModel(file('truthful'), ['The ', 'upload ', 'limit ', 'is ', '20 ', 'MB ', '[1]', '.']);
  writeScriptedModel(file('inventive'), ['Bananas ', 'grow ', 'on ', 'Mars ', '[1]', '.']);
  // It has the words, and says the same to everything.
  writeScriptedModel(file('undecided'), [
    'The ',
    'upload ',
    'limit ',
    'is ',
    '20 ',
    'MB ',
    '[1]',
    '.',
    'yes',
    'no',
  ]);
});
afterAll(() => directory.remove());

/** What a probe asks, and whether its passage answers. */
const PROBES = new Map(
  probePrompts().map((prompt, nth, { length }) => [textOf(prompt), nth < length / 2] as const),
);

function textOf(prompt: Prompt): string {
  return prompt.kind === 'chat' ? prompt.messages.map(({ content }) => content).join('\n') : prompt.text;
}

/** Passes the probe, and says yes to the passages that hold the text. */
function yesTo(text: string) {
  return (prompt: string) => ((PROBES.get(prompt) ?? prompt.includes(text)) ? 0.9 : 0.1);
}

async function open(model: string, change?: (generator: Generator) => Generator): Promise<TestApi> {
  const api = await openTestApi({ generate: file(model), ...(change && { change }) });
  await api.put('guide', '# Uploads\n\nThe upload limit is 20 MB for each file.');
  await api.put('notes', '# Notes\n\nThe upload limit of the old server is not known to us.');
  await untilState(api.test.models.generator, 'ready');
  await expect.poll(async () => (await judgeCheck(api)).detail).not.toContain('being probed');
  return api;
}

async function judgeCheck({ url }: TestApi) {
  const { checks } = (await (await fetch(`${url}/readyz`)).json()) as Readiness;
  return checks['judge'] ?? { status: 'none', detail: '' };
}

async function ask(api: TestApi, body: object = {}): Promise<QueryResponse> {
  return (await (await api.post('/v1/query', { ...QUESTION, ...body })).json()) as QueryResponse;
}

describe('a model that can judge', () => {
  it('reads only the passages that it says state the answer', async () => {
    await using api = await open('truthful', (generator) => judgeByTable(generator, yesTo('for each file')));
    expect(await judgeCheck(api)).toMatchObject({ status: 'ok', detail: expect.stringContaining('0.50') });
    const answer = await ask(api);
    expect(answer).toMatchObject({ mode: 'generative', citations: [{ document_id: 'guide' }], degraded: [] });
    expect(answer.usage.prompt_tokens).toBeGreaterThan(answer.usage.completion_tokens);
    const response = await api.post('/v1/query', { ...QUESTION, stream: true });
    const sources = /^event: sources\ndata: (.*)$/m.exec(await response.text())?.[1] ?? '';
    expect(sources).toContain('"document_id":"guide"');
    expect(sources).not.toContain('"document_id":"notes"');
  });

  it('answers none when no passage does, and quotes only from those that do', async () => {
    await using none = await open('truthful', (generator) => judgeByTable(generator, yesTo('walrus')));
    expect(await ask(none)).toMatchObject({
      mode: 'none',
      citations: [],
      nearest: [{ document_id: 'guide' }],
      usage: { completion_tokens: 0 },
    });
    expect(await ask(none, { mode: 'extractive' })).toMatchObject({ mode: 'extractive' });
    await using quoting = await open('inventive', (generator) => judgeByTable(generator, yesTo('not known')));
    const answer = await ask(quoting);
    expect(answer).toMatchObject({ mode: 'extractive', degraded: ['unsupported-answer'] });
    expect(new Set(answer.citations.map(({ document_id }) => document_id))).toEqual(new Set(['notes']));
  });

  it('is not waited for when it fails or is late: all passages are read, and the answer says so', async () => {
    let isFailing = false;
    await using api = await open('truthful', (generator) => {
      const judging = judgeByTable(generator, yesTo('walrus'));
      const late = () => Promise.reject(new ModelError('DEADLINE_EXCEEDED'));
      return { ...judging, judge: (...call) => (isFailing ? late() : judging.judge(...call)) };
    });
    expect(await ask(api)).toMatchObject({ mode: 'none', degraded: [] });
    isFailing = true;
    expect(await ask(api)).toMatchObject({ mode: 'generative', degraded: ['judge'] });
  });
});

describe('a model that cannot judge', () => {
  it.each([
    ['undecided', 'cannot tell'],
    ['truthful', 'yes from no'],
  ])('does not, and /readyz says why: %s', async (model, reason) => {
    await using api = await open(model);
    expect(await judgeCheck(api)).toMatchObject({
      status: 'absent',
      detail: expect.stringContaining(reason),
    });
    const ready = (await (await fetch(`${api.url}/readyz`)).json()) as Readiness;
    expect(ready.degraded).toEqual([]);
    expect(await ask(api)).toMatchObject({ mode: 'generative', degraded: [] });
  });
});
