import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { commonEnv, rateLimitsOf, stopTimesOf } from './common-env.ts';
import { ConfigError, type Env, readConfig } from './config.ts';
import { env } from './env.ts';

const dir = mkdtempSync(join(tmpdir(), 'xnai-config-'));
afterAll(() => rmSync(dir, { recursive: true }));

function problemsOf(shape: z.ZodRawShape, values: Env, prefixes: readonly string[] = []): readonly string[] {
  try {
    readConfig(z.object(shape), { env: values, prefixes });
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('readConfig', () => {
  test('turns text into typed values, and empty text into the default', () => {
    const schema = z.object({
      RAG_PORT: env.port().default(8080),
      RAG_HOST: env.text().default('127.0.0.1'),
      RAG_DEBUG: env.flag().default(false),
      RAG_LIMIT: env.bytes(),
      RAG_TTL: env.durationMs(),
      RAG_ORIGINS: env.list(),
      RAG_MODE: env.oneOf('auto', 'off'),
      RAG_URL: env.url().optional(),
    });
    const values = {
      RAG_PORT: '9000',
      RAG_HOST: '',
      RAG_DEBUG: 'yes',
      RAG_LIMIT: '10 MiB',
      RAG_TTL: '1.5s',
      RAG_ORIGINS: 'http://a, http://b,',
      RAG_MODE: 'off',
    };

    expect(readConfig(schema, { env: values })).toEqual({
      RAG_PORT: 9000,
      RAG_HOST: '127.0.0.1',
      RAG_DEBUG: true,
      RAG_LIMIT: 10 * 1024 ** 2,
      RAG_TTL: 1500,
      RAG_ORIGINS: ['http://a', 'http://b'],
      RAG_MODE: 'off',
    });
  });

  test('reports every problem at once, each with its name, value and what was expected', () => {
    const shape = {
      RAG_PORT: env.port(),
      RAG_TTL: env.durationMs(),
      RAG_MODE: env.oneOf('a', 'b'),
      RAG_DIR: env.text(),
    };

    const problems = problemsOf(
      shape,
      { RAG_PORT: '70000', RAG_TTL: '5 parsecs', RAG_MODE: 'c', RAG_PROT: '1' },
      ['RAG_'],
    );

    expect(problems).toEqual([
      'RAG_PROT is not a known variable; did you mean RAG_PORT?',
      'RAG_PORT="70000": expected a port from 0 to 65535',
      'RAG_TTL="5 parsecs": expected a duration such as 250ms, 15s, 5m, 2h or 1d',
      'RAG_MODE="c": expected one of a, b',
      'RAG_DIR is missing: expected a value',
    ]);
  });

  test.each([
    [env.port(), ['0', '65535'], ['', '-1', '65536', '80 80', '0x50', '8e1', 'http']],
    [env.int(1, 10), ['1', '10'], ['0', '11', '1.5', 'ten']],
    [env.flag(), ['1', '0', 'TRUE', 'off'], ['2', 'maybe']],
    [env.bytes(), ['0', '64k', '1.5GiB', '10 mb'], ['-1', '10 apples', 'k']],
    [env.durationMs(), ['250ms', '2h', '0s'], ['5', '-5s', 'soon']],
    [env.url(), ['http://a:1/x', 'https://b'], ['redis://a', 'not a url', '/x']],
    [
      env.redisUrl(),
      [
        'redis://u:p@a:1/2',
        'rediss://a',
        'unix:///run/redis.sock',
        'redis://u:p@localhost?path=/run/redis.sock',
        'redis+sentinel://u:p@s1:1,s2:2/main',
      ],
      ['http://a', 'redis://', 'redis+cluster://a', 'not a url', '/x'],
    ],
  ])('takes the good forms of %# and refuses the bad ones', (schema, good, bad) => {
    for (const value of good) expect(problemsOf({ X: schema }, { X: value }), value).toEqual([]);
    for (const value of bad) expect(problemsOf({ X: schema }, { X: value }), value).toHaveLength(1);
  });

  test('leaves variables without its own prefix alone, and hints only at names that are near', () => {
    expect(
      problemsOf({ RAG_PORT: env.port().optional() }, { PATH: '/bin', CRAWL_X: '1', RAG_ZEBRA_COUNT: '1' }, [
        'RAG_',
      ]),
    ).toEqual(['RAG_ZEBRA_COUNT is not a known variable']);
  });

  test('never shows the value of a secret, however its schema was refined', () => {
    const shape = {
      A: env.secret().min(100),
      B: env.secret().regex(/^x$/, 'expected x').optional(),
      C: env.url().optional(),
      D: env
        .secret()
        .transform(Number)
        .refine((n) => n > 0, 'expected more')
        .default(1),
    };

    const problems = problemsOf(shape, {
      A: 'hunter2',
      B: 'hunter2',
      C: 'ftp://me:hunter2@host',
      D: 'hunter2',
    });

    expect(problems).toHaveLength(4);
    expect(problems.join('\n')).not.toContain('hunter2');
    expect(problems[0]).toMatch(/^A=\[redacted\]: /);
  });

  test('takes a secret from the file that NAME_FILE names, without its line end', () => {
    const file = join(dir, 'secret');
    writeFileSync(file, 's3cret\n');

    const config = readConfig(z.object({ RAG_KEY: env.secret() }), {
      env: { RAG_KEY_FILE: file },
      prefixes: ['RAG_'],
    });

    expect(config.RAG_KEY).toBe('s3cret');
  });

  test('says what is wrong with a secret file: missing, empty, or given beside the value', () => {
    const file = join(dir, 'empty');
    writeFileSync(file, '\n');
    const shape = { K: env.secret().optional() };

    expect(problemsOf(shape, { K_FILE: join(dir, 'nowhere') })).toEqual([
      `K_FILE: ${join(dir, 'nowhere')} cannot be read (ENOENT)`,
    ]);
    expect(problemsOf(shape, { K_FILE: file })).toEqual([`K_FILE: ${file} is empty`]);
    expect(problemsOf(shape, { K: 'x', K_FILE: file })).toEqual(['K and K_FILE are both set: keep one']);
  });

  test('a plain variable has no _FILE form', () => {
    expect(problemsOf({ RAG_HOST: env.text().optional() }, { RAG_HOST_FILE: '/x' }, ['RAG_'])).toEqual([
      'RAG_HOST_FILE is not a known variable',
    ]);
  });

  test('a stop that would be cut short is refused, with what is too long', () => {
    const read = (variables: Record<string, string>) =>
      stopTimesOf(readConfig(z.object(commonEnv), { env: { XNAI_STOP_DRAIN: '5s', ...variables } }), 4000);

    expect(read({ XNAI_STOP_GRACE: '30s', XNAI_STOP_TIMEOUT: '40s' })).toEqual({
      drainMs: 5000,
      graceMs: 30_000,
    });
    expect(read({ XNAI_STOP_GRACE: '60s' })).toEqual({ drainMs: 5000, graceMs: 60_000 });
    expect(read({})).toEqual({ drainMs: 5000, graceMs: 4000 });
    expect(() => read({ XNAI_STOP_GRACE: '60s', XNAI_STOP_TIMEOUT: '40s' })).toThrow(
      'XNAI_STOP_DRAIN (5 s) and XNAI_STOP_GRACE (60 s) are 65 s together: expected less than XNAI_STOP_TIMEOUT, the 40 s after which',
    );
    // What the service needs by itself counts as well.
    expect(() => read({ XNAI_STOP_DRAIN: '37s', XNAI_STOP_TIMEOUT: '40s' })).toThrow(
      'XNAI_STOP_DRAIN (37 s) and XNAI_STOP_GRACE (4 s) are 41 s together',
    );
  });

  test('the variables common to all services have working defaults', () => {
    expect(readConfig(z.object(commonEnv), { env: {} })).toEqual({
      XNAI_LOG_LEVEL: 'info',
      XNAI_DATA_DIR: './data',
      XNAI_CORS_ORIGINS: [],
      XNAI_TRUSTED_PROXIES: [],
      XNAI_STOP_DRAIN: 0,
      XNAI_RATE_LIMIT: 600,
    });
  });

  test.each([
    [{}, { ask: 600, write: 6000, crawl: 600, keyless: 600 }],
    [{ XNAI_RATE_LIMIT: 60 }, { ask: 60, write: 600, crawl: 60, keyless: 60 }],
    [
      { XNAI_RATE_LIMIT_WRITE: 5, XNAI_RATE_LIMIT_ASK: 0 },
      { ask: 0, write: 5, crawl: 600, keyless: 600 },
    ],
    [
      { XNAI_RATE_LIMIT: 0, XNAI_RATE_LIMIT_CRAWL: 7 },
      { ask: 0, write: 0, crawl: 0, keyless: 0 },
    ],
  ])('%j are the limits %j', (vars, limits) => {
    expect(rateLimitsOf(vars)).toEqual(limits);
  });
});
