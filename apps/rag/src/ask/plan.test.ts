import { expect, test } from 'vitest';
import { type PlanInput, planAnswer, requireModel } from './plan.ts';

const READY: PlanInput = { mode: 'auto', model: 'ready', hasEvidence: true, budget: 1 };

test.each<[string, Partial<PlanInput>, object]>([
  ['a model that is ready writes the answer', {}, { kind: 'generate', budget: 1, degraded: [] }],
  [
    'little memory shortens it, and is named',
    { budget: 0.5 },
    { kind: 'generate', budget: 0.5, degraded: ['memory'] },
  ],
  ['nothing is written without evidence', { hasEvidence: false }, { kind: 'none' }],
  ['a request may refuse the model', { mode: 'extractive' }, { kind: 'extract', degraded: [] }],
  ['a model that is down is named', { model: 'down' }, { kind: 'extract', degraded: ['model'] }],
  ['a model that was never configured is not missed', { model: 'absent' }, { kind: 'extract', degraded: [] }],
])('%s', (_what, change, plan) => {
  expect(planAnswer({ ...READY, ...change })).toEqual(plan);
});

test('a request that insists on a model is refused unless the model is ready', () => {
  const loading = { status: 'loading', detail: 'half of it is read' } as const;
  expect(() => requireModel('generative', loading)).toThrow(/half of it is read/);
  expect(() => requireModel('auto', loading)).not.toThrow();
  expect(() => requireModel('generative', { status: 'ready', detail: '' })).not.toThrow();
});
