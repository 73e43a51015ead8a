import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FakeHub, startFakeHub } from '@xnai/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runModelsCommand } from './command.ts';
import { makeTestDirectory } from './testing/open-test-models.ts';

let hub: FakeHub;
let directory: ReturnType<typeof makeTestDirectory>;
let lines: string[];
let pauses: number[];
/** Looks at what there is in the first pause, which is the last then. */
let afterPause: (() => void) | undefined;
const NOTE = '.hf%3Aacme%2Fsmall-GGUF%3Aq2_k.failed';

beforeEach(async () => {
  hub = await startFakeHub({
    'acme/small-GGUF': {
      license: 'mit',
      files: { 'small-q4_0.gguf': Buffer.alloc(1000, 'a'), 'small-q8_0.gguf': Buffer.alloc(2000, 'b') },
    },
  });
  directory = makeTestDirectory();
  [lines, pauses, afterPause] = [[], [], undefined];
});
afterEach(async () => {
  directory.remove();
  await hub[Symbol.asyncDispose]();
});

function run(...args: string[]): Promise<number> {
  lines = [];
  return runModelsCommand(args, {
    env: {
      RAG_GENERATE_MODEL: 'hf:acme/small-GGUF',
      RAG_MODELS_DIR: directory.path,
      RAG_MODELS_ENDPOINT: hub.endpoint,
    },
    root: '/',
    print: (line) => void lines.push(line),
    signal: new AbortController().signal,
    sleep: async (ms) => {
      pauses.push(ms);
      if (afterPause === undefined) return;
      afterPause();
      throw new Error('enough');
    },
  });
}

describe('npm run models', () => {
  it('pulls what is configured, lists it, verifies it and removes it', async () => {
    expect(await run('pull')).toBe(0);
    expect(lines.join('\n')).toContain('license mit');
    expect(await run('pull')).toBe(0);
    expect(lines).toEqual([expect.stringContaining('small-q4_0.gguf is there.')]);
    expect(await run('pull', 'hf:acme/small-GGUF:q8_0')).toBe(0);
    expect(await run('list')).toBe(0);
    expect(lines).toEqual([
      'acme/small-GGUF/small-q4_0.gguf  0.00 GB  mit  hf:acme/small-GGUF:q4_0',
      'acme/small-GGUF/small-q8_0.gguf  0.00 GB  mit  hf:acme/small-GGUF:q8_0',
    ]);
    expect(await run('rm', 'acme/small-GGUF/small-q8_0.gguf')).toBe(0);
    expect(await run('verify')).toBe(0);
    expect(lines).toEqual(['intact   acme/small-GGUF/small-q4_0.gguf']);
  });

  it('finds damage, and says that nothing was verified when there is nothing', async () => {
    expect(await run('verify')).toBe(1);
    await run('pull');
    writeFileSync(join(directory.path, 'acme/small-GGUF/small-q4_0.gguf'), Buffer.alloc(1000, 'x'));
    expect(await run('verify')).toBe(1);
    expect(lines).toEqual(['DAMAGED  acme/small-GGUF/small-q4_0.gguf']);
  });

  it('tries again until the hub gives it when it is told to wait, and leaves a note meanwhile', async () => {
    hub.misinform({ kind: 'status', status: 503 }, { kind: 'page' });
    expect(await run('pull', '--wait')).toBe(0);
    expect(pauses).toEqual([30_000, 60_000]);
    expect(lines[0]).toContain('answered 503; next try in 30 s');
    expect(readdirSync(directory.path).filter((name) => name.endsWith('.failed'))).toEqual([]);

    afterPause = () => expect(readFileSync(join(directory.path, NOTE), 'utf8')).toContain('no such file');
    await expect(run('pull', 'hf:acme/small-GGUF:q2_k', '--wait')).rejects.toThrow('enough');
    expect(pauses.at(-1)).toBe(6 * 3_600_000);
    expect(lines).toEqual([expect.stringContaining('next try in 360 min')]);
    expect(await run('list', '--wait')).toBe(2);
  });

  it('lists and removes what was never fetched to its end', async () => {
    mkdirSync(join(directory.path, 'acme'));
    writeFileSync(join(directory.path, 'acme/given-up.gguf.0123.part'), Buffer.alloc(20_000_000));
    expect(await run('list')).toBe(0);
    expect(lines).toEqual(['acme/given-up.gguf.0123.part  0.02 GB  unfinished']);
    expect(await run('rm', 'acme/given-up.gguf.0123.part')).toBe(0);
    await run('list');
    expect(lines).toEqual([`No models in ${directory.path}.`]);
  });

  it('says in one line why something cannot be done', async () => {
    expect(await run('pull', 'hf:acme/small-GGUF:q2_k')).toBe(1);
    expect(lines.length).toBe(1);
    expect(await run('rm', 'nothing')).toBe(1);
    for (const wrong of ['hf:../..', 'hf:nothing', '/etc/passwd', 'none', 'https://example.org/a.gguf']) {
      expect(await run('pull', wrong)).toBe(2);
      expect(lines).toEqual([expect.stringContaining(`"${wrong}" is not of the form hf:user/name`)]);
    }
    expect(await run('fetch')).toBe(2);
    expect(lines[0]).toContain('Usage:');
  });
});
