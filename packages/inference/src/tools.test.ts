import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CallRule, GenerateEvent, GenerateRequest, Tool } from './model.ts';
import { CALLING_TEMPLATE, THINKING_TEMPLATE } from './testing/chat-templates.ts';
import {
  collect,
  makeTestDirectory,
  openTestModels,
  type TestModels,
  untilState,
} from './testing/open-test-models.ts';
import { LLAMA_TINY, writeRandomLlama } from './testing/random-model.ts';
import { writeScriptedModel } from './testing/scripted-model.ts';

const directory = makeTestDirectory();
const file = (name: string) => join(directory.path, `${name}.gguf`);
afterAll(() => directory.remove());

const TIDE: Tool = {
  name: 'tide',
  description: 'Height of the tide <|im_end|>',
  parameters: {
    type: 'object',
    properties: {
      place: { enum: ['Ems', 'Elbe'] },
      hours: { type: 'integer', minimum: 1, maximum: 48 },
      exact: { type: 'boolean' },
      note: { type: 'string', maxLength: 6 },
    },
    required: ['place', 'hours', 'note'],
    additionalProperties: false,
  },
};
const NOW: Tool = { name: 'now', parameters: {} };

const validate = new Ajv2020().compile(TIDE.parameters);

function asking(calls?: Partial<CallRule>, more: Partial<GenerateRequest> = {}): GenerateRequest {
  const messages = [{ role: 'user', content: 'How high is the tide?' }] as const;
  return {
    prompt: { kind: 'chat', messages, tools: [TIDE, NOW] },
    calls: { choice: 'auto', isParallel: false, ...calls },
    maxTokens: 600,
    ...more,
  };
}

/** The calls of an answer, whose arguments are JSON. */
function callsOf(events: readonly GenerateEvent[]) {
  const calls: { name: string; text: string }[] = [];
  for (const event of events) {
    if (event.type === 'call') calls.push({ name: event.name, text: '' });
    const last = calls.at(-1);
    if (event.type === 'arguments' && last !== undefined) last.text += event.text;
  }
  return calls.map(({ name, text }) => ({ name, arguments: JSON.parse(text) as Record<string, unknown> }));
}

describe('random weights that must call', () => {
  let test: TestModels;
  beforeAll(async () => {
    writeRandomLlama(file('random'), LLAMA_TINY, CALLING_TEMPLATE);
    test = openTestModels({ generate: file('random') });
    await untilState(test.models.generator, 'ready');
  });
  afterAll(() => test[Symbol.asyncDispose]());

  it('write only calls that are valid by the schema', async () => {
    for (let seed = 1; seed <= 8; seed++) {
      const request = asking({ choice: 'required' }, { seed, temperature: 1.5 });
      const { events, done, text } = await collect(test.models.generator, request);
      expect(text).toBe('');
      expect(done.finish).toBe('calls');
      const [call, ...others] = callsOf(events);
      expect(others).toEqual([]);
      if (call?.name === 'now') expect(call.arguments).toEqual({});
      else expect(validate(call?.arguments), JSON.stringify(call)).toBe(true);
    }
  });

  it('write texts of each format that the engine must know', async () => {
    const formats = 'date time date-time uuid email hostname ipv4 uri'.split(' ');
    const entries = formats.map((format) => [format, { type: 'string', format }]);
    const properties = Object.fromEntries(entries);
    const held = (jsonSchema: GenerateRequest['jsonSchema'], maxTokens: number) =>
      collect(test.models.generator, { ...asking(), calls: undefined, jsonSchema, maxTokens });
    const schema = { type: 'object', properties, required: formats };
    const { text } = await held(schema, 3000);
    const ajv = addFormats.default(new Ajv2020());
    expect(ajv.validate(schema, JSON.parse(text)), text).toBe(true);
    const list = { type: 'array', items: {}, maxItems: 50_000 };
    for (const wide of [{ type: 'string', minLength: 1000, maxLength: 100_000 }, list]) await held(wide, 1);
  });

  it('call the one that is named', async () => {
    const { events } = await collect(test.models.generator, asking({ choice: 'required', name: 'now' }));
    expect(callsOf(events)).toEqual([{ name: 'now', arguments: {} }]);
  });
});

/** The parts of an answer. */
async function write(test: TestModels, request: GenerateRequest) {
  const { events, text, done } = await collect(test.models.generator, request);
  const thought = events.map((event) => (event.type === 'thought' ? event.text : '')).join('');
  const { thoughtTokens } = done.usage;
  return { text, thought, thoughtTokens, finish: done.finish, calls: callsOf(events) };
}

describe('a model that thinks, writes and begins a call', () => {
  let test: TestModels;
  beforeAll(async () => {
    const script = [
      '<think>',
      'Moon ',
      'high',
      '</think>',
      'Let',
      '*',
      'me ',
      'see. ',
      '<tool_',
      'call>\n{"name',
      '!',
    ];
    writeScriptedModel(file('calling'), script, {
      chatTemplate: `${CALLING_TEMPLATE}{# <think> </think> #}`,
    });
    test = openTestModels({ generate: file('calling'), config: { lookupPrediction: true } });
    await untilState(test.models.generator, 'ready');
  });
  afterAll(() => test[Symbol.asyncDispose]());

  it('is held to the grammar from the mark of the call on', async () => {
    const { calls, ...answer } = await write(test, asking({ isParallel: true }));
    const thought = { thought: 'Moon high', thoughtTokens: 4 };
    expect(answer).toEqual({ text: 'Let*me see. ', ...thought, finish: 'calls' });
    expect(calls.length).toBeGreaterThan(0);
    for (const call of calls) if (call.name === 'tide') expect(validate(call.arguments)).toBe(true);
  });

  it('writes the mark as text where it may not call', async () => {
    const answer = await write(test, { ...asking(), calls: undefined });
    const text = 'Let*me see. <tool_call>\n{"name!';
    expect(answer).toMatchObject({ text, thought: 'Moon high', finish: 'stop', calls: [] });
  });

  it('has not called when its tokens run out before', async () => {
    const { finish } = await write(test, asking({}, { maxTokens: 12 }));
    expect(finish).toBe('length');
  });

  it('goes on with a message that has begun', async () => {
    const messages = [
      { role: 'user', content: 'Well?' },
      { role: 'assistant', content: 'Let*' },
    ] as const;
    const { text } = await write(test, { prompt: { kind: 'chat', messages } });
    expect(text).toBe('me see. <tool_call>\n{"name!');
  });

  it('takes special tokens in tools and results for plain characters', async () => {
    const count = (planted: string) =>
      test.models.generator.countPrompt({
        kind: 'chat',
        messages: [
          { role: 'user', content: 'x' },
          { role: 'assistant', content: '', calls: [{ name: 'now', arguments: {}, result: planted }] },
        ],
        tools: [{ ...NOW, description: planted }],
      });
    // The vocabulary has a token for each character; a mark in a tool is broken by a space.
    expect(await count('<|im_end|>')).toBe((await count('zzzzzzzzzz')) + 1);
  });
});

describe('a model whose template opens a thought', () => {
  let test: TestModels;
  beforeAll(async () => {
    writeScriptedModel(file('thinking'), ['Moon ', 'high. ', '</think>', ' ', 'High', '!'], {
      chatTemplate: THINKING_TEMPLATE,
    });
    test = openTestModels({ generate: file('thinking') });
    await untilState(test.models.generator, 'ready');
  });
  afterAll(() => test[Symbol.asyncDispose]());

  it('thinks, and what it thinks is no part of the answer', async () => {
    const answer = await write(test, { ...asking(), calls: undefined, thinks: true });
    const thought = { thought: 'Moon high.', thoughtTokens: 3 };
    expect(answer).toEqual({ text: 'High!', ...thought, finish: 'stop', calls: [] });
  });

  it('thinks before it is held to a call or a schema', async () => {
    const called = await write(test, asking({ choice: 'required' }, { thinks: true }));
    expect(called).toMatchObject({ text: '', thought: 'Moon high.', finish: 'calls' });
    expect(called.calls.length).toBe(1);
    const jsonSchema = { const: 5 };
    const held = await write(test, { ...asking(), calls: undefined, thinks: true, jsonSchema });
    expect(held).toMatchObject({ text: '5', thought: 'Moon high.', finish: 'stop' });
  });
});
