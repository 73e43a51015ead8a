import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ChildEvent, ModelReply } from '../child/messages.ts';
import { paceReplies } from './pace-replies.ts';

const text = (text: string, tokens = 1): ModelReply => ({ kind: 'text', part: 'answer', text, tokens });
const aborted: ModelReply = { kind: 'aborted' };

/** Calls that are past their first words, and what is sent from then on: `id:text*tokens` or `id:kind`. */
function createWritingCalls(...ids: number[]) {
  const sent: string[] = [];
  const send = (event: ChildEvent) => {
    if (event.type !== 'reply') throw new TypeError(event.type);
    const { id, reply } = event;
    sent.push(reply.kind === 'text' ? `${id}:${reply.text}*${reply.tokens}` : `${id}:${reply.kind}`);
  };
  const push = paceReplies({ send, nowMs: () => Date.now() });
  for (const id of ids) push(id, text('many first words', 16));
  sent.length = 0;
  return { sent, push };
}

describe('paced replies', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('sends the first words of a call as they come', () => {
    const { sent, push } = createWritingCalls();
    for (const word of ['a', 'b', 'c']) push(1, text(word));
    expect(sent).toEqual(['1:a*1', '1:b*1', '1:c*1']);
  });

  it('gathers what follows, and sends it with the next word after a while', () => {
    const { sent, push } = createWritingCalls(1);
    for (const word of ['a', 'b', 'c', 'd', 'e']) {
      vi.advanceTimersByTime(20);
      push(1, text(word));
    }
    expect(sent).toEqual(['1:ab*2', '1:cd*2']);
  });

  it('sends the words of all calls together', () => {
    const { sent, push } = createWritingCalls(1, 2);
    push(1, text('a'));
    push(2, text('b'));
    expect(sent).toEqual([]);
    vi.runAllTimers();
    expect(sent).toEqual(['1:a*1', '2:b*1']);
  });

  it('sends each word by itself when they come slowly', () => {
    const { sent, push } = createWritingCalls(1);
    for (const word of ['a', 'b', 'c']) {
      vi.advanceTimersByTime(50);
      push(1, text(word));
      expect(sent.splice(0)).toEqual([`1:${word}*1`]);
    }
  });

  it('keeps the order of a call: its text goes before its end', () => {
    const { sent, push } = createWritingCalls(1);
    push(1, text('a'));
    push(1, aborted);
    expect(sent).toEqual(['1:a*1', '1:aborted']);
    vi.runAllTimers();
    expect(sent).toHaveLength(2);
  });
});
