import { startRedis, type TestRedis } from '@xnai/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anyRules, anyStep } from './arbitrary.ts';
import type { Runs } from './check.ts';
import { firstDifference } from './differential.ts';
import { anyFields } from './hand-written.ts';

/** The Lua scripts against their specification; a failure prints the seed and the path to replay it. */
export const differentialSuite = (runs: Runs): void => {
  describe(`the scripts against the reducer, ${runs.numRuns} runs`, () => {
    let server: TestRedis;
    beforeAll(async () => {
      server = await startRedis();
    });
    afterAll(() => server[Symbol.asyncDispose]());

    const steps = fc.array(anyStep, { minLength: 1, maxLength: 60, size: 'max' });

    test('the scripts in Redis do what the reducer says, command by command', async () => {
      const property = fc.asyncProperty(anyRules, steps, async (rules, all) => {
        expect(await firstDifference(server.client, rules, all)).toBeUndefined();
      });
      await fc.assert(property, runs);
    });

    test('the scripts and the reducer clamp a record written by hand alike', async () => {
      const few = fc.array(anyStep, { minLength: 1, maxLength: 10, size: 'max' });
      const property = fc.asyncProperty(anyRules, anyFields, few, async (rules, fields, all) => {
        expect(await firstDifference(server.client, rules, all, fields)).toBeUndefined();
      });
      await fc.assert(property, runs);
    });
  });
};
