import { describe, expect, it } from 'vitest';
import type { ModelStatus } from '../model.ts';
import { createDeviceTurn } from './device-turn.ts';

function behind(status: ModelStatus) {
  const generator = { status, ready: () => {} };
  const turn = createDeviceTurn({
    state: () => ({ status: generator.status, detail: '' }),
    onReady: (listener) => {
      generator.ready = listener;
    },
  });
  return { turn, generator };
}

describe('a turn on the device', () => {
  it('is that of the generation model while that is on its way, and over once it is there', () => {
    const { turn, generator } = behind('fetching');
    const reason = turn.refusal(0);
    expect(reason).toBe('the generation model takes its place on the device first');
    expect(turn.isOver(reason)).toBe(false);
    const seen: boolean[] = [];
    turn.onChange(() => seen.push(turn.isOver(reason)));
    generator.status = 'ready';
    generator.ready();
    expect(seen).toEqual([true]);
    expect(turn.refusal(0)).toBeUndefined();
  });

  it.each(['absent', 'down'] as const)('does not wait for a generation model that is %s', (status) => {
    expect(behind(status).turn.refusal(0)).toBeUndefined();
  });

  it('ends for a model whose processes crash, and is not taken up again', () => {
    const turn = createDeviceTurn();
    expect(turn.refusal(1)).toBeUndefined();
    const reason = turn.refusal(2);
    expect(reason).toContain('ended 2 times in a row');
    expect(turn.isOver(reason)).toBe(false);
  });
});
