import { describe, expect, test } from 'vitest';
import { clamp } from '../circuit/clamp.ts';
import type { Command, Flush } from '../circuit/command.ts';
import { openTimeMs } from '../circuit/rules.ts';
import { type BreakerOptions, rulesOf } from '../options/breaker-options.ts';
import { newStoredCircuit, reduce, type StoredCircuit } from './reduce.ts';

const rules = (options: BreakerOptions = {}) =>
  rulesOf('b', {
    window: { kind: 'sampling', minimumCalls: 4 },
    openMs: 1_000,
    maxOpenMs: 6_000,
    ...options,
  });
const sent = { replica: 'a', floor: 0 } as const;
const trip = { ...sent, kind: 'trip', generation: 0, cause: 'failure-rate', live: 1 } as const;
const flush = (replica: string, calls: number, failures: number, more: Partial<Flush> = {}): Command => ({
  ...sent,
  kind: 'flush',
  generation: 0,
  batch: 1,
  calls,
  failures,
  slow: 0,
  live: 2,
  ...more,
  replica,
});
const run = (commands: readonly Command[], options?: BreakerOptions, nowMs = 0): StoredCircuit =>
  commands.reduce(
    (circuit, command) => reduce(circuit, command, rules(options), nowMs).circuit,
    newStoredCircuit,
  );

describe('opening', () => {
  test('the open time doubles with each opening in a row, up to its cap', () => {
    expect([1, 2, 3, 4, 64].map((attempt) => openTimeMs(rules(), attempt))).toEqual([
      1_000, 2_000, 4_000, 6_000, 6_000,
    ]);
  });

  test('a fleet window needs failures from two replicas once two are alive', () => {
    expect(run([flush('a', 10, 10)]).state).toBe('closed');
    expect(run([flush('a', 10, 10), flush('b', 4, 4)]).state).toBe('open');
    expect(run([flush('a', 10, 10, { live: 1 })]).state).toBe('open');
  });

  test('one bad replica and a stray failure elsewhere do not open the fleet', () => {
    expect(run([flush('b', 20, 1), flush('c', 20, 0), flush('a', 60, 60, { live: 3 })]).state).toBe('closed');
  });

  test('enough failures open the fleet whichever replicas saw them, if the rate is over the threshold', () => {
    const quorum = { replicas: 2, failures: 50 };
    expect(run([flush('a', 50, 50)], { quorum }).state).toBe('open');
    expect(run([flush('b', 900, 0), flush('a', 50, 50)], { quorum }).state).toBe('closed');
  });

  test('slow calls open like failures where a slow rate is set', () => {
    const window = { kind: 'sampling', minimumCalls: 4, slowAfterMs: 100, slowRate: 0.5 } as const;
    const circuit = run([flush('a', 6, 0, { slow: 5, live: 1 })], { window });
    expect([circuit.state, circuit.cause]).toEqual(['open', 'slow-rate']);
  });

  test('counts age by time, also when nothing comes', () => {
    const first = reduce(newStoredCircuit, flush('a', 3, 3, { live: 1 }), rules(), 0).circuit;
    const late = reduce(first, flush('a', 3, 3, { live: 1, batch: 2 }), rules(), 31_000).circuit;
    expect(late.state).toBe('closed');
    expect(late.tallies['a']?.slots).toHaveLength(1);
  });

  test('votes of replicas whose own circuits opened are forgotten after a window', () => {
    const first = reduce(newStoredCircuit, { ...trip, live: 2 }, rules(), 0).circuit;
    const late = { ...trip, live: 2, replica: 'b' } as const;
    expect(reduce(first, late, rules(), 29_000).circuit.state).toBe('open');
    expect(reduce(first, late, rules(), 30_000).circuit.state).toBe('closed');
  });
});

describe('half-open', () => {
  const options = { probes: { calls: 3, failuresAllowed: 1 } };
  const ask = (token: string): Command => ({ ...sent, kind: 'lease', token });
  const end = (token: string, outcome: 'success' | 'failure' | 'ignored'): Command => ({
    ...sent,
    kind: 'settle',
    token,
    outcome,
  });
  const due = (commands: readonly Command[]): StoredCircuit =>
    commands.reduce(
      (circuit, command) => reduce(circuit, command, rules(options), 1_000).circuit,
      run([trip], options),
    );

  test('no probe is given before the time is over, and the wait is exact', () => {
    const { reply, circuit } = reduce(run([trip]), ask('1'), rules(), 400);
    expect(reply).toEqual({ accepted: false, refusal: 'wait', retryAfterMs: 600 });
    expect(circuit.state).toBe('open');
  });

  test('it closes when enough probes end well, some failures allowed', () => {
    expect(due([ask('1'), ask('2'), ask('3'), end('1', 'failure'), end('2', 'success')]).state).toBe(
      'half-open',
    );
    expect(
      due([ask('1'), ask('2'), ask('3'), end('1', 'failure'), end('2', 'success'), end('3', 'success')])
        .state,
    ).toBe('closed');
  });

  test('it opens again at the first failure too many, for longer', () => {
    const circuit = due([ask('1'), ask('2'), end('1', 'failure'), end('2', 'failure')]);
    expect([circuit.state, circuit.attempt, circuit.untilMs]).toEqual(['open', 2, 3_000]);
  });

  test('a probe that never ends gives its slot up with its lease', () => {
    const full = due([ask('1'), ask('2'), ask('3')]);
    expect(reduce(full, ask('4'), rules(options), 1_500).reply.retryAfterMs).toBe(10_500);
    expect(reduce(full, ask('4'), rules(options), 12_000).reply.accepted).toBe(true);
  });
});

describe('what is not believed', () => {
  test('a record cannot stay open for longer than the rules say, even when it was written by hand', () => {
    const written: StoredCircuit = {
      ...newStoredCircuit,
      state: 'open',
      untilMs: 1e13,
      attempt: 1e9,
      generation: 3,
    };
    expect(clamp(written, rules(), 500)).toMatchObject({ untilMs: 6_500, attempt: 64 });
  });

  test('a half-open record without a way out gets its probes back', () => {
    const written: StoredCircuit = { ...newStoredCircuit, state: 'half-open', succeeded: 1e9, generation: 3 };
    expect(reduce(written, { ...sent, kind: 'lease', token: '1' }, rules(), 0).reply.accepted).toBe(true);
  });
});
