import { join } from 'node:path';
import { createOpenAI } from '@ai-sdk/openai';
import { ModelError } from '@xnai/inference';
import { makeTestDirectory, untilState, writeScriptedModel } from '@xnai/inference/testing';
import { generateText, type ModelMessage, streamText } from 'ai';
import OpenAI from 'openai';
import type { ResponseInput, ResponseStreamEvent } from 'openai/resources/responses/responses';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestApi, type TestApi } from '../openai/testing/open-test-api.ts';

const SAID = 'The upload limit is 20 MB [1].';
const PAGE = 'https://manual.example/uploads';

const TOOL = { type: 'function', name: 'now' };

const directory = makeTestDirectory();
let api: TestApi;
beforeAll(async () => {
  const file = join(directory.path, 'scripted.gguf');
  writeScriptedModel(file, ['The ', 'upload ', 'limit ', 'is ', '20 ', 'MB ', '[1]', '.']);
  api = await openTestApi({ generate: file, change: breaking });
  await api.put('guide', '# Uploads\n\nThe upload limit is 20 MB.', 'manual', { url: PAGE });
  await untilState(api.test.models.generator, 'ready');
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  directory.remove();
});

/** A generator that fails after its first word when it is asked to. */
const breaking: NonNullable<Parameters<typeof openTestApi>[0]['change']> = (generator) => ({
  ...generator,
  async *generate(request, options) {
    const isToBreak = JSON.stringify(request.prompt).includes('Break');
    for await (const event of generator.generate(request, options)) {
      yield event;
      if (isToBreak) throw new ModelError('MODEL_CRASHED');
    }
  },
});

const create = (body: object) =>
  api.client.responses.create({
    model: 'scripted',
    input: 'x',
    ...body,
  } as never) as unknown as Promise<OpenAI.Responses.Response>;
const inputTokens = async (body: object) => (await create(body)).usage?.input_tokens;

describe("with OpenAI's client, responses", () => {
  it('come from the model, with usage and as incomplete at the limit of tokens', async () => {
    const metadata = { run: '7' };
    const answer = await create({ instructions: 'Be brief.', metadata, temperature: 0 });
    expect(answer).toMatchObject({
      object: 'response',
      status: 'completed',
      output_text: SAID,
      output: [{ type: 'message', role: 'assistant', status: 'completed' }],
      usage: { output_tokens: 8, input_tokens_details: { cached_tokens: expect.any(Number) } },
      metadata,
    });
    expect(await create({ max_output_tokens: 2 })).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
      output_text: 'The upload ',
    });
  });

  it("stream as OpenAI's events, in their order and numbered, and end as the answer that is not streamed", async () => {
    const input = 'What is the upload limit?';
    const events: ResponseStreamEvent[] = [];
    const stream = api.client.responses.stream({ model: 'rag:manual', input });
    for await (const event of stream) events.push(event);
    const kinds = events.map(({ type }) => type.replace(/^response\./, ''));
    expect(kinds.filter((kind, index) => kind !== kinds[index - 1])).toEqual([
      'created',
      'in_progress',
      'output_item.added',
      'content_part.added',
      'output_text.delta',
      'output_text.annotation.added',
      'output_text.done',
      'content_part.done',
      'output_item.done',
      'completed',
    ]);
    expect(events.map(({ sequence_number }) => sequence_number)).toEqual([...events.keys()]);
    const streamed = await stream.finalResponse();
    const whole = await create({ model: 'rag:manual', input });
    expect(streamed.output_text).toBe(whole.output_text);
    const contentOf = ({ output: [item] }: OpenAI.Responses.Response) =>
      item?.type === 'message' ? item.content[0] : undefined;
    expect(contentOf(streamed)).toMatchObject({ ...contentOf(whole) });
    expect(contentOf(whole)).toMatchObject({
      annotations: [{ type: 'url_citation', url: PAGE, title: 'Uploads', start_index: 26, end_index: 29 }],
    });
    expect(whole).toMatchObject({ citations: [{ document_id: 'guide', verified: true }], degraded: [] });
  });

  it('go on with the answer before, by its id or by that of its item', async () => {
    const first = await create({ input: 'How large?' });
    const more = { role: 'user', content: 'And how small?' } as const;
    const said: ResponseInput = [
      { role: 'user', content: 'How large?' },
      { role: 'assistant', content: SAID },
      more,
    ];
    const tokens = await inputTokens({ input: said });
    expect(tokens).toBeGreaterThan((await inputTokens({ input: [more] })) ?? Number.NaN);
    expect(await inputTokens({ previous_response_id: first.id, input: 'And how small?' })).toBe(tokens);
    const reference = { type: 'item_reference', id: first.output[0]?.id };
    expect(await inputTokens({ input: [said[0], reference, more] })).toBe(tokens);

    const { id, ...unkept } = await create({ store: false });
    expect(unkept).toMatchObject({ store: false });
    await expect(create({ previous_response_id: id })).rejects.toMatchObject({
      status: 400,
      param: 'previous_response_id',
    });
  });

  it('are forgotten when they are deleted', async () => {
    const { id } = await create({});
    await api.client.responses.delete(id);
    await expect(create({ previous_response_id: id })).rejects.toMatchObject({ status: 400 });
    await expect(api.client.responses.delete(id)).rejects.toMatchObject({
      status: 404,
      message: expect.stringContaining(id),
    });
  });

  it('keep to a JSON schema', async () => {
    const schema = { type: 'object', properties: { ok: { const: true } }, required: ['ok'] };
    const { output_text: text } = await create({
      text: { format: { type: 'json_schema', name: 'a', schema } },
    });
    expect(JSON.parse(text)).toEqual({ ok: true });
  });

  it('take what tools were asked and said as part of the conversation', async () => {
    const called = [
      { type: 'reasoning', id: 'rs_1', summary: [] },
      { type: 'function_call', call_id: 'c1', name: 'tide', arguments: '{"at":"noon"}' },
      { type: 'function_call_output', call_id: 'c1', output: '4 m' },
    ];
    const question = { role: 'user', content: [{ type: 'input_text', text: 'How high is the tide?' }] };
    expect(await inputTokens({ input: [question, ...called] })).toBeGreaterThan(
      (await inputTokens({ input: [question] })) ?? Number.NaN,
    );
  });

  it.each([
    ['an unknown model', { model: 'gpt-5' }, 404, 'model'],
    ['no input', { input: undefined }, 400, 'input'],
    ['an image', { input: [{ role: 'user', content: [{ type: 'input_image' }] }] }, 400, 'input.0.content'],
    ['an unknown role', { input: [{ role: 'wizard', content: 'x' }] }, 400, 'input.0.role'],
    ['an item of an unknown type', { input: [{ type: 'computer_call' }] }, 400, 'input.0'],
    ['an empty list', { input: [] }, 400, 'input'],
    ['an answer that was never given', { previous_response_id: 'resp_1' }, 400, 'previous_response_id'],
    ['an item that was never given', { input: [{ type: 'item_reference', id: 'a' }] }, 400, 'input.0.id'],
    ['a tool for an answer from a collection', { model: 'rag:manual', tools: [TOOL] }, 400, 'tools'],
    ['a tool with a name that none has', { tools: [{ ...TOOL, name: '' }] }, 400, 'tools.0.name'],
    ['a tool that would run here', { tools: [{ type: 'web_search' }] }, 400, 'tools.0.type'],
    ['an answer in the background', { background: true }, 400, 'background'],
    ['a conversation that OpenAI keeps', { conversation: 'conv_1' }, 400, 'conversation'],
    [
      'a schema for an answer from a collection',
      { model: 'rag:manual', text: { format: { type: 'json_object' } } },
      400,
      'text.format',
    ],
  ])('refuse %s by name', async (_name, body, status, param) => {
    await expect(create(body)).rejects.toMatchObject({
      status,
      param: expect.stringMatching(new RegExp(`^${param.replaceAll('.', '\\.')}`)),
    });
  });

  it('that fail are an error where they are not streamed, and end a stream as failed', async () => {
    await expect(create({ input: 'Break' })).rejects.toBeInstanceOf(OpenAI.InternalServerError);
    const stream = await api.client.responses.create({ model: 'scripted', input: 'Break', stream: true });
    const events: ResponseStreamEvent[] = [];
    for await (const event of stream) events.push(event);
    expect(events.at(-1)).toMatchObject({
      type: 'response.failed',
      sequence_number: events.length - 1,
      response: { status: 'failed', error: { code: 'model_crashed' } },
    });
  });
});

describe("with the AI SDK's default model", () => {
  const model = (id: string) => createOpenAI({ apiKey: api.key, baseURL: `${api.url}/v1` })(id);

  it('answers have sources, whole and streamed', async () => {
    const prompt = 'What is the upload limit?';
    const { text, sources, finishReason } = await generateText({ model: model('rag:manual'), prompt });
    expect({ text, finishReason }).toEqual({ text: SAID, finishReason: 'stop' });
    expect(sources).toMatchObject([{ sourceType: 'url', url: PAGE, title: 'Uploads' }]);
    const streamed = streamText({ model: model('rag:manual'), prompt });
    expect(await streamed.text).toBe(SAID);
    expect(await streamed.sources).toMatchObject([{ url: PAGE }]);
    expect((await streamText({ model: model('scripted'), prompt }).usage).outputTokens).toBe(8);
  });

  it('a conversation goes on with the messages of the answer', async () => {
    const messages: ModelMessage[] = [{ role: 'user', content: 'How large?' }];
    const first = await generateText({ model: model('scripted'), messages });
    messages.push(...first.response.messages, { role: 'user', content: 'And how small?' });
    const { text, usage } = await generateText({ model: model('scripted'), messages });
    expect(text).toBe(SAID);
    expect(usage.inputTokens).toBeGreaterThan(first.usage.inputTokens ?? Number.NaN);
  });
});
