import { join } from 'node:path';
import { createOpenAI } from '@ai-sdk/openai';
import { HumanMessage, ToolMessage } from '@langchain/core/messages';
import { tool as langChainTool } from '@langchain/core/tools';
import { ChatOpenAI } from '@langchain/openai';
import {
  CALLING_TEMPLATE,
  END,
  makeTestDirectory,
  untilState,
  writeScriptedModel,
} from '@xnai/inference/testing';
import { generateText, isStepCount, streamText, tool } from 'ai';
import type OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openTestApi, type TestApi } from '../openai/testing/open-test-api.ts';

type Message = OpenAI.ChatCompletionMessageParam;
type Body = Partial<OpenAI.ChatCompletionCreateParamsNonStreaming>;

const Tide = z.strictObject({
  place: z.enum(['Ems', 'Elbe']),
  hours: z.int().min(1).max(48).optional(),
});
const TIDE = {
  type: 'function',
  function: { name: 'tide', description: 'Height of the tide', parameters: z.toJSONSchema(Tide) },
} as const;
const NOW = { type: 'function', function: { name: 'now' } } as const;
const QUESTION: Message = { role: 'user', content: 'How high is the tide?' };
/** The script after its first character is that of a call. */
const BEGINS_TO_CALL: Message = { role: 'assistant', content: '*' };

const directory = makeTestDirectory();
let api: TestApi;
beforeAll(async () => {
  const generate = join(directory.path, 'scripted.gguf');
  const script = ['It ', 'is ', '4 ', 'm', '.', END, '*', 'Let me see. ', '<tool_call>'];
  writeScriptedModel(generate, script, { chatTemplate: `${CALLING_TEMPLATE}{# <think> </think> #}` });
  api = await openTestApi({ generate });
  await untilState(api.test.models.generator, 'ready');
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  directory.remove();
});

const asking = (body: Body = {}) => ({
  model: 'scripted',
  messages: [QUESTION],
  tools: [TIDE, NOW],
  max_tokens: 300,
  ...body,
});
const chat = async (body?: Body) => (await api.client.chat.completions.create(asking(body))).choices[0];

/** The calls, whose arguments are valid. */
function callsOf(message: OpenAI.ChatCompletionMessage | undefined) {
  return (message?.tool_calls ?? []).map((call) => {
    if (call.type !== 'function') throw new TypeError(call.type);
    const { name, arguments: text } = call.function;
    const value: unknown = JSON.parse(text);
    return name === 'tide' ? Tide.parse(value) : z.strictObject({}).parse(value);
  });
}

describe('tools', () => {
  it('are called where one must be, and the one that is named', async () => {
    const some = await chat({ tool_choice: 'required', parallel_tool_calls: false });
    expect(some).toMatchObject({
      finish_reason: 'tool_calls',
      message: { role: 'assistant', content: null },
    });
    expect(callsOf(some?.message).length).toBe(1);
    const named = await chat({ tool_choice: { type: 'function', function: { name: 'now' } } });
    expect(named?.message.tool_calls).toEqual([
      {
        id: expect.stringMatching(/^call_\w{24}$/),
        type: 'function',
        function: { name: 'now', arguments: '{}' },
      },
    ]);
  });

  it('may be called, or not', async () => {
    const answer = { finish_reason: 'stop', message: { content: 'It is 4 m.' } };
    for (const tool_choice of ['auto', 'none', undefined] as const) {
      const written = await chat(tool_choice && { tool_choice });
      expect(written).toMatchObject(answer);
      expect(written?.message.tool_calls).toBeUndefined();
    }
    const called = await chat({ messages: [QUESTION, BEGINS_TO_CALL] });
    expect(called).toMatchObject({ finish_reason: 'tool_calls', message: { content: 'Let me see. ' } });
    expect(callsOf(called?.message).length).toBeGreaterThan(0);
    const none = await chat({ messages: [QUESTION, BEGINS_TO_CALL], tool_choice: 'none' });
    expect(none).toMatchObject({ finish_reason: 'stop', message: { content: 'Let me see. <tool_call>' } });
  });

  it("are called in the deltas of a stream as OpenAI's are", async () => {
    const body = { ...asking({ messages: [QUESTION, BEGINS_TO_CALL], seed: 1 }), stream: true } as const;
    const chunks: OpenAI.ChatCompletionChunk[] = [];
    for await (const chunk of await api.client.chat.completions.create(body)) chunks.push(chunk);
    const deltas = chunks.flatMap(({ choices }) => choices.map(({ delta }) => delta));
    expect(deltas[0]).toEqual({ role: 'assistant', content: '' });
    expect(deltas.map(({ content }) => content ?? '').join('')).toBe('Let me see. ');
    const calls = deltas.flatMap((delta) => delta.tool_calls ?? []);
    const [first, ...others] = calls.filter(({ index }) => index === 0);
    expect(first).toEqual({
      index: 0,
      id: expect.stringMatching(/^call_/),
      type: 'function',
      function: { name: expect.any(String), arguments: '' },
    });
    expect(others.length).toBeGreaterThan(0);
    for (const part of others)
      expect(part).toEqual({ index: 0, function: { arguments: expect.any(String) } });
    expect(chunks.at(-1)?.choices[0]).toMatchObject({ delta: {}, finish_reason: 'tool_calls' });
    const whole = await api.client.chat.completions.stream(body).finalChatCompletion();
    expect(callsOf(whole.choices[0]?.message).length).toBeGreaterThan(0);
  });

  it('that the limit of tokens has cut are no calls', async () => {
    const cut = await chat({ tool_choice: 'required', max_tokens: 5 });
    expect(cut).toMatchObject({ finish_reason: 'length', message: { content: '' } });
    expect(cut?.message.tool_calls).toBeUndefined();
  });

  it('are called in the older form where they are offered in it', async () => {
    const functions = [NOW.function];
    const messages: Message[] = [QUESTION];
    const body = { tools: null, messages, functions, function_call: { name: 'now' } } as unknown as Body;
    const called = await chat(body);
    const call = { name: 'now', arguments: '{}' };
    expect(called).toMatchObject({ finish_reason: 'function_call', message: { function_call: call } });
    messages.push({ role: 'assistant', content: null, function_call: call });
    messages.push({ role: 'function', name: 'now', content: 'noon' });
    expect(await chat({ ...body, function_call: 'auto' })).toMatchObject({
      message: { content: 'It is 4 m.' },
    });
  });

  it('may stand beside a JSON schema, which then holds for what is no call', async () => {
    const schema = { type: 'object', properties: { ok: { const: true } }, required: ['ok'] };
    const response_format = { type: 'json_schema', json_schema: { name: 'a', schema } } as const;
    for (const seed of [1, 2, 3, 4]) {
      const answer = await chat({ response_format, seed, temperature: 2 });
      if (answer?.finish_reason === 'stop')
        expect(JSON.parse(answer.message.content ?? '')).toEqual({ ok: true });
      else expect(callsOf(answer?.message).length).toBeGreaterThan(0);
    }
  });

  it.each([
    ['for an answer from a collection', { model: 'rag' }, 'tools', '"scripted" takes them'],
    [
      'that are named and not offered',
      { tool_choice: { type: 'function', function: { name: 'x' } } },
      'tool_choice',
      '"x"',
    ],
    [
      'that must be called and are not there',
      { tools: [], tool_choice: 'required' },
      'tool_choice',
      'to choose from',
    ],
    ['of one name', { tools: [NOW, NOW] }, 'tools', '"now"'],
    ['that are not functions', { tools: [{ type: 'web_search' }] }, 'tools.0.type', 'only functions'],
    [
      'whose arguments no grammar can hold',
      {
        tools: [
          {
            type: 'function',
            function: {
              name: 'f',
              parameters: { type: 'object', properties: { a: { type: 'string', pattern: 'x' } } },
            },
          },
        ],
      },
      null,
      'the parameters of the tool "f": the JSON schema at /properties/a/pattern is a keyword that cannot be enforced; possible are',
    ],
    [
      'whose result is not told',
      {
        messages: [
          QUESTION,
          {
            role: 'assistant',
            tool_calls: [{ id: 'c', type: 'function', function: { name: 'now', arguments: '{}' } }],
          },
        ],
      },
      'messages.1.tool_calls.0',
      'with its result',
    ],
  ])('%s are refused', async (_name, body, param, message) => {
    const response = await api.post('/v1/chat/completions', { ...asking(), ...body });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { param, message: expect.stringContaining(message) },
    });
  });
});

describe('a round of a call, its result and an answer', () => {
  it("works with OpenAI's client", async () => {
    const called = await chat({ tool_choice: 'required' });
    const calls = called?.message.tool_calls ?? [];
    const results = calls.map(({ id }) => ({ role: 'tool', tool_call_id: id, content: '4 m' }) as const);
    const messages = [QUESTION, called?.message as Message, ...results];
    expect(await chat({ messages })).toMatchObject({
      finish_reason: 'stop',
      message: { content: 'It is 4 m.' },
    });
  });

  it("works with OpenAI's client in responses, which keep the call", async () => {
    const { parameters, ...named } = TIDE.function;
    const tools = [{ type: 'function', ...named, parameters, strict: true } as const];
    const body = { model: 'scripted', max_output_tokens: 300, tools };
    const input = 'How high is the tide?';
    const called = await api.client.responses.create({ ...body, input, tool_choice: 'required' });
    const calls = called.output.flatMap((item) => (item.type === 'function_call' ? [item] : []));
    expect(
      calls.map(({ name, arguments: text }) => [name, Tide.safeParse(JSON.parse(text)).success]),
    ).toEqual(calls.map(() => ['tide', true]));
    expect(calls.length).toBeGreaterThan(0);
    const results = calls.map(
      ({ call_id }) => ({ type: 'function_call_output', call_id, output: '4 m' }) as const,
    );
    const previous_response_id = called.id;
    const answer = await api.client.responses.create({ ...body, previous_response_id, input: results });
    expect(answer.output_text).toBe('It is 4 m.');
    await expect(
      api.client.responses.create({ ...body, previous_response_id, input: 'And now?' }),
    ).rejects.toMatchObject({ status: 400, param: 'input', message: expect.stringContaining('call_') });

    const stream = api.client.responses.stream({
      ...body,
      input,
      tool_choice: { type: 'function', name: 'tide' },
    });
    const [item] = (await stream.finalResponse()).output;
    expect(item).toMatchObject({ type: 'function_call', status: 'completed', name: 'tide' });
    expect(Tide.safeParse(item?.type === 'function_call' && item.parsed_arguments).success).toBe(true);
  });

  it.each(['chat', 'responses'] as const)('works with the AI SDK in %s, whole and streamed', async (form) => {
    const provider = createOpenAI({ apiKey: api.key, baseURL: `${api.url}/v1` });
    const asked: unknown[] = [];
    const tide = tool({
      inputSchema: Tide,
      execute: async (input) => {
        asked.push(input);
        return { metres: 4 };
      },
    });
    const round = {
      model: provider[form]('scripted'),
      prompt: 'How high is the tide?',
      tools: { tide },
      stopWhen: isStepCount(2),
      prepareStep: ({ stepNumber }: { stepNumber: number }) => ({
        toolChoice: stepNumber === 0 ? ('required' as const) : ('auto' as const),
      }),
    };
    const whole = await generateText(round);
    expect(whole.text).toBe('It is 4 m.');
    expect(whole.steps[0]?.toolResults.length).toBe(asked.length);
    expect(await streamText(round).text).toBe('It is 4 m.');
    expect(asked.length).toBeGreaterThan(1);
  });

  it('works with LangChain', async () => {
    const model = new ChatOpenAI({
      model: 'scripted',
      apiKey: api.key,
      configuration: { baseURL: `${api.url}/v1` },
    });
    const tide = langChainTool(async () => '4 m', { name: 'tide', description: 'Height', schema: Tide });
    const question = new HumanMessage('How high is the tide?');
    const called = await model.bindTools([tide], { tool_choice: 'any' }).invoke([question]);
    const calls = called.tool_calls ?? [];
    expect(calls.length).toBeGreaterThan(0);
    const results = calls.map(({ id = '' }) => new ToolMessage({ tool_call_id: id, content: '4 m' }));
    const answer = await model.bindTools([tide]).invoke([question, called, ...results]);
    expect(answer.content).toBe('It is 4 m.');
  });
});
