import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeTestDirectory } from '../testing/open-test-models.ts';
import { writeScriptedModel } from '../testing/scripted-model.ts';
import { inspectFile } from './inspect-file.ts';
import { type Engine, openCpu } from './open-engine.ts';

const directory = makeTestDirectory();
const file = (name: string) => join(directory.path, `${name}.gguf`);
let engine: Engine;
let good: Buffer;

beforeAll(async () => {
  const options = {
    role: 'generate',
    vulkan: 'off',
    softwareDevice: false,
    threads: 1,
    poolThreads: 1,
    log: () => undefined,
  } as const;
  engine = await openCpu(options, 'test');
  writeScriptedModel(file('good'), ['Hello']);
  good = readFileSync(file('good'));
});
afterAll(async () => {
  await engine.llama.dispose();
  directory.remove();
});

async function refusal(path: string): Promise<string> {
  const error = await inspectFile(engine.llama, path, 'generate').catch((error: Error) => error);
  expect(error).toMatchObject({ code: 'MODEL_UNUSABLE' });
  return (error as Error).message;
}

function patched(at: number, values: readonly number[]): Buffer {
  return Buffer.concat([good.subarray(0, at), Buffer.from(values), good.subarray(at + values.length)]);
}

/** Where the type of a value stands. */
const typeOf = (key: string) => good.indexOf(key) + key.length;
const F32_TYPE = 6;

describe('a file that is no model', () => {
  it.each<[string, () => Buffer, string | RegExp]>([
    ['is empty', () => Buffer.alloc(0), 'bad.gguf is not a GGUF file (0 bytes)'],
    ['has half a head', () => good.subarray(0, 20), 'bad.gguf is truncated: 20 bytes are there'],
    [
      'has a version of the future',
      () => patched(4, [99]),
      'bad.gguf has GGUF version 99; the inference engine reads 2 and 3',
    ],
    [
      'is for machines of another byte order',
      () => patched(4, [0, 0, 0, 3]),
      'bad.gguf is written for big-endian machines',
    ],
    [
      'claims to have countless tensors',
      () => patched(8, [255, 255, 255, 255, 127]),
      /header cannot be read/,
    ],
    ['claims to have countless keys', () => patched(16, [255, 255, 255, 255, 127]), /header cannot be read/],
    ['claims to have an endless key', () => patched(24, [255, 255, 255, 255, 127]), /header cannot be read/],
    [
      'names no architecture',
      () => patched(good.indexOf('general.architecture'), [...Buffer.from('general.architexture')]),
      'bad.gguf does not say its architecture',
    ],
    [
      'has a context that is no number of tokens',
      () => patched(typeOf('llama.context_length'), [F32_TYPE]),
      /^bad.gguf states a context of [\d.e-]+ tokens$/,
    ],
    [
      'has a context of nothing',
      () => patched(typeOf('llama.context_length') + 4, [0, 0, 0, 0]),
      'bad.gguf states a context of 0 tokens',
    ],
  ])('is refused by name when it %s', async (_, bytes, message) => {
    writeFileSync(file('bad'), bytes());
    expect(await refusal(file('bad'))).toMatch(message);
  });

  it('is refused when a part of it is missing, or a later part is named', async () => {
    const [first, second] = [file('m-00001-of-00002'), file('m-00002-of-00002')];
    copyFileSync(file('good'), first);
    expect(await refusal(first)).toBe(
      'm-00001-of-00002.gguf is of no use without m-00002-of-00002.gguf beside it',
    );
    copyFileSync(file('good'), second);
    expect(await refusal(second)).toBe(
      'm-00002-of-00002.gguf is a later part of a model: its first part must be named',
    );
  });

  it('is refused when it cannot be read', async () => {
    mkdirSync(file('folder'));
    expect(await refusal(file('folder'))).toBe('folder.gguf cannot be read (EISDIR)');
    expect(await refusal(file('nothing'))).toBe('nothing.gguf cannot be read (ENOENT)');
  });
});
