import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Command, Reply } from '../../src/circuit/command.ts';
import { type CircuitRules, openTimeMs } from '../../src/circuit/rules.ts';
import { newStoredCircuit, reduce, type StoredCircuit } from '../../src/testing/reduce.ts';
import { anyRules, anyStep } from './arbitrary.ts';
import type { Runs } from './check.ts';

interface Moment {
  readonly before: StoredCircuit;
  readonly after: StoredCircuit;
  readonly command: Command;
  readonly reply: Reply;
  readonly nowMs: number;
}

/** What must be true of every step that the reducer can take. */
const laws: readonly (readonly [string, (moment: Moment, rules: CircuitRules) => void])[] = [
  [
    'a generation never falls, and grows with every change of state',
    ({ before, after }) => {
      expect(after.generation).toBeGreaterThanOrEqual(before.generation);
      if (after.state !== before.state) expect(after.generation).toBeGreaterThan(before.generation);
    },
  ],
  [
    'nothing holds a circuit open for longer than its open time',
    ({ after, nowMs }, rules) => {
      if (after.state === 'open')
        expect(after.untilMs - nowMs).toBeLessThanOrEqual(openTimeMs(rules, after.attempt));
    },
  ],
  [
    'no more probes are out or counted than the rules allow',
    ({ after }, rules) => {
      expect(after.leases.length + after.succeeded + after.failed).toBeLessThanOrEqual(rules.probes);
    },
  ],
  [
    'probes are given in half-open only, and never twice under one token',
    ({ after }) => {
      if (after.state !== 'half-open') expect(after.leases).toEqual([]);
      expect(new Set(after.leases.map((held) => held.token)).size).toBe(after.leases.length);
    },
  ],
  [
    'an open circuit closes only by probes or by order',
    ({ before, after, command }) => {
      if (before.state === 'closed' || after.state !== 'closed') return;
      expect(['settle', 'force']).toContain(command.kind);
    },
  ],
  [
    'what is stamped with another generation changes nothing',
    ({ before, after, command }) => {
      if (command.kind !== 'trip' && command.kind !== 'flush') return;
      if (command.generation === before.generation) return;
      if (command.generation > before.generation && before.state === 'closed') return;
      expect([after.state, after.generation, after.tallies, after.votes]).toEqual([
        before.state,
        before.generation,
        before.tallies,
        before.votes,
      ]);
    },
  ],
  [
    'an order holds until it is over, released or reset',
    ({ before, after, command, nowMs }) => {
      const held = before.forced !== undefined && (before.forced.untilMs ?? Infinity) > nowMs;
      if (held && command.kind !== 'force') expect(after.forced).toEqual(before.forced);
    },
  ],
  [
    'a refusal to wait says for how long, and no probe is given under an order',
    ({ after, reply, command }) => {
      if (reply.refusal === 'wait') expect(reply.retryAfterMs).toBeGreaterThanOrEqual(0);
      if (command.kind === 'lease' && after.forced !== undefined) expect(reply.accepted).toBe(false);
    },
  ],
  [
    'a record that knows less than the sender is caught up by counts and votes, else takes nothing but a seed',
    ({ before, after, reply, command }) => {
      if (command.floor <= before.generation || command.kind === 'seed') return;
      const counts = command.kind === 'trip' || command.kind === 'flush';
      if (counts && before.state === 'closed') expect(after.generation).toBeGreaterThanOrEqual(command.floor);
      else expect([reply.refusal, after.generation]).toEqual(['lost', before.generation]);
    },
  ],
  [
    'a seed never makes an open circuit closed',
    ({ before, after, command }) => {
      if (command.kind === 'seed' && before.state !== 'closed') expect(after.state).not.toBe('closed');
    },
  ],
];

/** The laws of the reducer over random histories; a failure prints the seed and the path to replay it. */
export const reducerSuite = (runs: Runs): void => {
  describe(`the reducer, ${runs.numRuns} histories`, () => {
    test('every law holds at every step', () => {
      const property = fc.property(
        anyRules,
        fc.array(anyStep, { minLength: 1, maxLength: 50, size: 'max' }),
        (rules, steps) => {
          let circuit = newStoredCircuit;
          let nowMs = 1_700_000_000_000;
          for (const step of steps) {
            nowMs += step.afterMs(circuit, nowMs);
            const command = step.command(circuit);
            const { circuit: after, reply } = reduce(circuit, command, rules, nowMs);
            for (const [name, law] of laws) {
              held(name, () => law({ before: circuit, after, command, reply, nowMs }, rules));
            }
            circuit = after;
          }
        },
      );
      fc.assert(property, runs);
    });
  });
};

const held = (law: string, check: () => void): void => {
  try {
    check();
  } catch (cause) {
    throw new Error(`broken law: ${law}`, { cause });
  }
};
