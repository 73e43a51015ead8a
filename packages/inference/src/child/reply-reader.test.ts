import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CallFormat } from './call-format.ts';
import { createReplyReader, type ReplyReaderOptions } from './reply-reader.ts';

const FORMAT: CallFormat = {
  opening: '<call>\n{"name": "',
  mark: '<call>',
  isOnlyAtStart: false,
  beforeArguments: () => '", "arguments": ',
  afterArguments: () => '}\n</call>',
  beforeNext: '\n<call>\n{"name": "',
  closing: '',
};
const THOUGHT = { open: '<think>', close: '</think>' };
const CALLS = { format: FORMAT, names: ['a', 'ab'], isRequired: false };
const OPTIONS: ReplyReaderOptions = {
  thought: THOUGHT,
  beginsInThought: false,
  isAnswerHeld: false,
  calls: CALLS,
};
const call = (name: string, args: string) => `<call>\n{"name": "${name}", "arguments": ${args}}\n</call>`;

/** The text cut at the positions, as it is read; neighbours of the same part are joined. */
function read(text: string, cuts: readonly number[], options: Partial<ReplyReaderOptions> = {}) {
  const reader = createReplyReader({ ...OPTIONS, ...options });
  const ends = [...cuts.map((cut) => cut % (text.length + 1)), text.length].toSorted((a, b) => a - b);
  const parts: string[] = [];
  let at = 0;
  for (const end of ends) {
    for (const piece of reader.read(text.slice(at, end))) parts.push(`${piece.part}: ${piece.text}`);
    // What a grammar drops, the model writes again.
    at = end - reader.dropped;
  }
  parts.push(...reader.read(text.slice(at)).map(({ part, text }) => `${part}: ${text}`));
  parts.push(...reader.end().map(({ part, text }) => `${part}: ${text}`));
  const joined: string[] = [];
  for (const part of parts) {
    const [kind = ''] = /^\w+: /.exec(part) ?? [];
    if (kind !== 'call: ' && joined.at(-1)?.startsWith(kind))
      joined.push(joined.pop() + part.slice(kind.length));
    else joined.push(part);
  }
  return { parts: joined, hasCalled: reader.hasCalled };
}

describe('a reply, in whatever parts it comes', () => {
  it.each([
    ['an answer', ' plain < text\n', [], ['answer:  plain < text\n'], {}],
    ['a thought before it', '\n<think>\nwell \n</think>\n\nyes ', [], ['thought: well', 'answer: yes '], {}],
    [
      'a thought that the prompt opened',
      'well </think> yes',
      [],
      ['thought: well', 'answer: yes'],
      { beginsInThought: true },
    ],
    ['a thought without an end', '<think>well', [], ['thought: well'], {}],
    ['marks in an answer that has begun', 'a <think>b</think>', [], ['answer: a <think>b</think>'], {}],
    ['a call', call('ab', '{"}": "{\\""}'), ['calls'], ['call: ab', 'arguments: {"}": "{\\""}'], {}],
    [
      'calls after words',
      `see ${call('a', '{}')}\n${call('a', '{"😀": [{}]}')}`,
      ['calls'],
      ['answer: see ', 'call: a', 'arguments: {}', 'call: a', 'arguments: {"😀": [{}]}'],
      {},
    ],
    ['a call that is cut', '<call>\n{"name": "a", "arguments": {"x', [], ['call: a', 'arguments: {"x'], {}],
    [
      'a call that is due',
      call('a', '{}'),
      ['calls'],
      ['call: a', 'arguments: {}'],
      { calls: { ...CALLS, isRequired: true } },
    ],
    ['a mark where no tool may be called', '<call>', [], ['answer: <call>'], { calls: undefined }],
  ] as const)('is %s', (_name, text, [calls], parts, options) => {
    const cuts = fc.array(fc.nat(200), { maxLength: 12 });
    fc.assert(
      fc.property(cuts, (at) => {
        expect(read(text, at, options)).toEqual({ parts, hasCalled: calls !== undefined });
      }),
      { numRuns: 200 },
    );
  });
});
