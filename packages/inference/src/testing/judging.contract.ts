import { expect, it } from 'vitest';
import type { Generator, Prompt } from '../model.ts';

/** What every judge must do, whatever it answers. */
export function describeJudging(open: () => Promise<{ generator: Generator } & AsyncDisposable>): void {
  const about = (content: string): Prompt => ({ kind: 'chat', messages: [{ role: 'user', content }] });

  it('gives each prompt a probability, in their order, the same for the same prompt', async () => {
    await using opened = await open();
    const [a, b] = [about('Is it so?'), about('Is it so, or is it not?')] as const;
    const { probabilities, promptTokens, cachedTokens } = await opened.generator.judge([a, b, a]);
    expect(probabilities).toHaveLength(3);
    expect(probabilities[2]).toBeCloseTo(probabilities[0] ?? Number.NaN, 3);
    for (const probability of probabilities) {
      expect(probability).toBeGreaterThanOrEqual(0);
      expect(probability).toBeLessThanOrEqual(1);
    }
    expect(promptTokens).toBeGreaterThan(cachedTokens);
  });

  it('judges nothing for a caller that has gone', async () => {
    await using opened = await open();
    const reason = new Error('gone');
    await expect(opened.generator.judge([about('x')], { signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    );
  });

  it('judges an empty list', async () => {
    await using opened = await open();
    expect(await opened.generator.judge([])).toEqual({ probabilities: [], promptTokens: 0, cachedTokens: 0 });
  });
}
