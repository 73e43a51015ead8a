import { describe, expect, it } from 'vitest';
import type { ModelStatus } from '../model.ts';
import { createDeviceTurn } from './device-turn.ts';
import { SupervisedProcess } from './role-process.ts';

function behind(status: ModelStatus) {
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const generator = new SupervisedProcess({ status, detail: '' }, { role: 'generate', log, onRestart() {} });
  return { turn: createDeviceTurn(generator), generator };
}

describe('a turn on the device', () => {
  it.each(['ready', 'down'] as const)(
    'is that of the generation model while that is on its way, and over once it is %s',
    (status) => {
      const { turn, generator } = behind('fetching');
      const reason = turn.refusal(0);
      expect(reason).toBe('the generation model takes its place on the device first');
      expect(turn.isOver(reason)).toBe(false);
      const seen: boolean[] = [];
      turn.onChange(() => seen.push(turn.isOver(reason)));
      void generator.wait({ status: 'fetching', detail: 'half of it' });
      void generator.wait({ status, detail: '' });
      expect(seen).toEqual([false, true]);
      expect(turn.refusal(0)).toBeUndefined();
    },
  );

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
