import type { Redis } from 'ioredis';
import { clamp } from '../../src/circuit/clamp.ts';
import type { CircuitRules } from '../../src/circuit/rules.ts';
import { readScripts, run } from '../../src/redis/scripts.ts';
import { wireRules } from '../../src/redis/wire.ts';
import { newStoredCircuit, reduce, type StoredCircuit } from '../../src/testing/reduce.ts';
import type { Step } from './arbitrary.ts';
import { recordOf } from './record-of.ts';

/** The scripts with a clock that the caller sets: `ARGV[6]`. */
const scripts = readScripts({ clock: 'local now = tonumber(ARGV[6])' });

export interface Difference {
  readonly step: number;
  readonly command: unknown;
  readonly expected: unknown;
  readonly actual: unknown;
}

/** Runs the same commands through the reducer and through the scripts; says where they first part. */
export const firstDifference = async (
  client: Redis,
  rules: CircuitRules,
  steps: readonly Step[],
  fields: Readonly<Record<string, string>> = {},
): Promise<Difference | undefined> => {
  const key = 'differential:{x}';
  await client.del(key);
  if (Object.keys(fields).length > 0) await client.hset(key, fields);
  let circuit: StoredCircuit = Object.keys(fields).length > 0 ? recordOf(fields) : newStoredCircuit;
  let nowMs = 1_700_000_000_000;
  for (const [i, step] of steps.entries()) {
    // Only moments that the rules allow are waited for, whatever the record says.
    nowMs += step.afterMs(clamp(circuit, rules, nowMs), nowMs);
    const command = step.command(circuit);
    const { circuit: next, reply } = reduce(circuit, command, rules, nowMs);
    const keys = command.kind === 'force' ? [key, 'differential:audit'] : [key];
    const args = [wireRules(rules), JSON.stringify(command), 'differential:ev', 's:x', '', nowMs];
    const [refusal, retryAfterMs] = (await run(client, scripts[command.kind], keys, args)) as [
      string,
      string,
    ];
    if (reply.refusal !== 'lost') circuit = next;
    const stored = recordOf(await client.hgetall(key));
    const expected = {
      refusal: reply.refusal ?? '',
      retryAfterMs: reply.retryAfterMs ?? 0,
      circuit: normal(circuit, rules, nowMs),
    };
    const actual = { refusal, retryAfterMs: Number(retryAfterMs), circuit: normal(stored, rules, nowMs) };
    if (JSON.stringify(expected) !== JSON.stringify(actual)) return { step: i, command, expected, actual };
  }
  return undefined;
};

/** One order of keys, and nothing that is undefined. */
const normal = (circuit: StoredCircuit, rules: CircuitRules, nowMs: number): unknown =>
  sorted(clamp(circuit, rules, nowMs));

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, one]) => one !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => [key, sorted(one)]),
  );
};
