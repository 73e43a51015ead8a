import { ModelError, type ModelErrorCode } from '@xnai/inference';
import { describe, expect, test } from 'vitest';
import { type EmbeddableText, embedBatch } from './embed-batch.ts';

const texts: readonly EmbeddableText[] = 'abcdefgh'.split('').map((text) => ({ hash: `#${text}`, text }));

/** An embedder that fails at some texts, a number of times. */
function setUp(failures: Readonly<Record<string, readonly [code: ModelErrorCode, times: number]>>) {
  const calls: string[] = [];
  const left = new Map(Object.entries(failures).map(([text, [, times]]) => [text, times]));
  const embedder = {
    async embed(given: readonly string[]) {
      calls.push(given.join(''));
      for (const [index, text] of given.entries()) {
        const times = left.get(text) ?? 0;
        if (times === 0) continue;
        left.set(text, times - 1);
        const code = failures[text]?.[0] ?? 'MODEL_CRASHED';
        throw new ModelError(code, { detail: `input ${index} is bad`, retryable: false });
      }
      const parts = given.map((text) => (text === 'c' ? 2 : 1));
      return { vectors: given.map(() => new Float32Array([1])), parts, tokens: 1 };
    },
  };
  const waits: number[] = [];
  const deps = { embedder, signal: new AbortController().signal, untilReady: async () => void waits.push(1) };
  return { calls, waits, done: () => embedBatch(deps, texts) };
}

const ALWAYS = Number.POSITIVE_INFINITY;
const hashes = (list: readonly { readonly hash: string }[]) => list.map(({ hash }) => hash).join('');

describe('a batch of texts', () => {
  test('is embedded by one call', async () => {
    const { calls, done } = setUp({});
    expect(hashes((await done()).vectors)).toBe('#a#b#c#d#e#f#g#h');
    expect(calls).toEqual(['abcdefgh']);
  });

  test('tells which of them were read in parts', async () => {
    const { vectors } = await setUp({}).done();
    expect(hashes(vectors.filter(({ isDivided }) => isDivided))).toBe('#c');
  });

  test('is halved around a text that the model cannot take', async () => {
    const { calls, done } = setUp({ f: ['INPUT_EMPTY', ALWAYS] });
    const { vectors, refused } = await done();
    expect(hashes(vectors)).toBe('#a#b#c#d#e#g#h');
    expect(refused).toEqual([{ hash: '#f', reason: 'the text is bad', code: 'INPUT_EMPTY' }]);
    expect(calls).toEqual(['abcdefgh', 'abcd', 'efgh', 'ef', 'e', 'f', 'gh']);
  });

  test('is embedded one by one after a crash; a text that crashes the model twice, and alone, is refused', async () => {
    const { calls, waits, done } = setUp({ b: ['MODEL_CRASHED', ALWAYS] });
    const { vectors, refused } = await done();
    expect(hashes(vectors)).toBe('#a#c#d#e#f#g#h');
    expect(refused).toMatchObject([{ hash: '#b' }]);
    expect(calls.slice(0, 4)).toEqual(['abcdefgh', 'a', 'b', 'a text that every model reads']);
    expect(waits).toHaveLength(2);
  });

  test('loses no text to a process that ended for reasons of its own', async () => {
    const { done } = setUp({ b: ['MODEL_CRASHED', 2] });
    expect(await done()).toMatchObject({ vectors: { length: 8 }, refused: [] });
  });

  test('is halved around a text that a model server refuses, which takes others', async () => {
    const { calls, done } = setUp({ f: ['MODEL_SERVER_FAILED', ALWAYS] });
    const { vectors, refused } = await done();
    expect(hashes(vectors)).toBe('#a#b#c#d#e#g#h');
    expect(refused).toMatchObject([{ hash: '#f', code: 'MODEL_SERVER_FAILED' }]);
    expect(calls.slice(-4)).toEqual(['f', 'a text that every model reads', 'f', 'gh']);
  });

  test('loses no text to a model server that refuses all', async () => {
    const all = [...texts.map(({ text }) => text), 'a text that every model reads'];
    const { done } = setUp(Object.fromEntries(all.map((text) => [text, ['MODEL_SERVER_FAILED', ALWAYS]])));
    await expect(done()).rejects.toMatchObject({ code: 'MODEL_SERVER_FAILED' });
  });

  test('fails as a whole when the model takes nothing now', async () => {
    const { calls, done } = setUp({ a: ['BREAKER_OPEN', 1] });
    await expect(done()).rejects.toMatchObject({ code: 'BREAKER_OPEN' });
    expect(calls).toHaveLength(1);
  });
});
