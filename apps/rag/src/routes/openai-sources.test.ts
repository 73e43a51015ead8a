import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createOpenAI } from '@ai-sdk/openai';
import { generateText, streamText } from 'ai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestApi, type TestApi } from '../openai/testing/open-test-api.ts';

const QUESTION = 'When does the harbour library open, and when is glass collected?';
const PAGE = 'https://town.example/library';

let folder: string;
let api: TestApi;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'console-'));
  await writeFile(join(folder, 'index.html'), '<!doctype html>');
  api = await openTestApi({ consoleFolder: folder, publicUrl: 'https://rag.example' });
  const library = '# Harbour library\n\nThe harbour library opens at nine on weekdays.';
  await api.put('library', library, 'town', { url: PAGE });
  await api.put('waste', '# Waste\n\n🍾 Glass is collected on Tuesday at the harbour.', 'town');
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const CONSOLE = /^https:\/\/rag\.example\/#\/documents\/town\/waste\/\d+-\d+$/;
const messages = [{ role: 'user' as const, content: QUESTION }];

describe('the sources of an answer', () => {
  it('are annotations for OpenAI, the same whole and streamed, that stand at the marks', async () => {
    const { choices } = await api.client.chat.completions.create({ model: 'rag:town', messages });
    const { content, annotations = [] } = choices[0]?.message ?? {};
    const marks = annotations.map(({ url_citation: { start_index, end_index } }) =>
      [...(content ?? '')].slice(start_index, end_index).join(''),
    );
    expect(marks).toEqual(content?.match(/\[\d\]/g));
    expect(annotations.map(({ url_citation: { url } }) => url).sort()).toEqual([
      expect.stringMatching(CONSOLE),
      PAGE,
    ]);

    const stream = await api.client.chat.completions.create({ model: 'rag:town', messages, stream: true });
    const deltas: { content?: string | null; annotations?: unknown }[] = [];
    for await (const chunk of stream) for (const { delta } of chunk.choices) deltas.push(delta);
    expect(deltas.map(({ content: text = '' }) => text).join('')).toBe(content);
    expect(deltas.flatMap((delta) => delta.annotations ?? [])).toEqual(annotations);
  });

  it('are shown by the AI SDK', async () => {
    const provider = createOpenAI({ apiKey: api.key, baseURL: `${api.url}/v1` });
    const model = provider.chat('rag:town');
    const { text, sources } = await generateText({ model, prompt: QUESTION });
    const found = sources.map((source) => source.sourceType === 'url' && [source.title, source.url]);
    expect(found.sort()).toEqual([
      ['Harbour library', PAGE],
      ['Waste', expect.stringMatching(CONSOLE)],
    ]);
    const streamed = streamText({ model, prompt: QUESTION });
    expect(await streamed.text).toBe(text);
    expect((await streamed.sources).map(({ title }) => title).sort()).toEqual(['Harbour library', 'Waste']);
  });
});
