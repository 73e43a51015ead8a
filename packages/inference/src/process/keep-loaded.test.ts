import {
  appendFileSync,
  copyFileSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GenerateRequest } from '../model.ts';
import {
  collect,
  makeTestDirectory,
  openTestModels,
  pidOf,
  untilState,
} from '../testing/open-test-models.ts';
import { writeDullBert, writeRandomBert, writeUnknowingBert } from '../testing/random-bert.ts';
import { LLAMA_TINY, writeRandomLlama } from '../testing/random-model.ts';
import { writeScriptedModel } from '../testing/scripted-model.ts';

const ANSWER = ['The ', 'upload ', 'limit ', 'is ', '20 ', 'MB ', '[1]', '.'];
const QUESTION: GenerateRequest = {
  prompt: { kind: 'chat', messages: [{ role: 'user', content: 'How large may an upload be?' }] },
};

const directory = makeTestDirectory();
const file = (name: string) => join(directory.path, `${name}.gguf`);

beforeAll(() => {
  writeScriptedModel(file('scripted'), ANSWER);
  writeRandomLlama(file('tiny'), LLAMA_TINY);
  writeRandomBert(file('embed'), 'embed');
  writeRandomBert(file('rerank'), 'rerank');
});
afterAll(() => directory.remove());

describe('a Vulkan device that a person asks for by number and that does not exist', () => {
  it('leaves the model on the CPU, with a warning that says why', async () => {
    const config = { vulkan: 'auto', visibleDevices: '99', directory: directory.path } as const;
    await using test = openTestModels({ generate: file('scripted'), config });
    await untilState(test.models.generator, 'ready');
    expect(test.models.generator.info()?.device).toMatchObject({ kind: 'cpu', gpuLayers: 0 });
    expect(test.logged).toContainEqual({
      level: 'warn',
      message: 'the device that was asked for is not used',
      fields: { role: 'generate', reason: expect.stringContaining('Vulkan') },
    });
    expect((await collect(test.models.generator, QUESTION)).text).toBe('The upload limit is 20 MB [1].');
    // It was started for a device, and again when it found none; that is no crash.
    const startedAgain = test.logged.filter(({ message }) =>
      message.includes('is started again for the CPU'),
    );
    expect(startedAgain).toHaveLength(1);
    expect(test.logged.map(({ message }) => message)).not.toContain('the model process ended');
    if (process.platform !== 'linux') return;
    const environment = readFileSync(`/proc/${pidOf(test, 'generate')}/environ`, 'utf8').split('\0');
    expect(environment).toContain('UV_THREADPOOL_SIZE=1');
    expect(environment).toContain(`MESA_SHADER_CACHE_DIR=${directory.path}/shaders`);
  });
});

describe('a model process that is killed', () => {
  it('while it loads, again and again, is given up until another file is there', async () => {
    copyFileSync(file('scripted'), file('deadly'));
    const limits = { restartFirstMs: 5, restartMaxMs: 5 };
    await using test = openTestModels({ generate: file('deadly'), limits });
    const killed = new Set<number>();
    while (test.models.generator.state().detail.includes('in a row') === false) {
      const pid = test.models.pids().generate;
      if (pid !== undefined && !killed.has(pid)) process.kill(pid, 'SIGKILL');
      if (pid !== undefined) killed.add(pid);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(killed.size).toBe(3);
    expect(test.models.generator.state()).toEqual({
      status: 'down',
      detail: 'the model process ended by SIGKILL while it loaded the model, 3 times in a row',
    });
    renameSync(file('deadly'), file('moved'));
    renameSync(file('moved'), file('deadly'));
    await untilState(test.models.generator, 'ready');
  });

  it('finds out that its file is gone, and takes it up again once it is back', async () => {
    copyFileSync(file('scripted'), file('lost'));
    await using test = openTestModels({ generate: file('lost'), limits: { restartFirstMs: 5 } });
    await untilState(test.models.generator, 'ready');
    renameSync(file('lost'), file('hidden'));
    process.kill(pidOf(test, 'generate'), 'SIGKILL');
    const detail = () => test.models.generator.state().detail;
    await expect.poll(detail, { timeout: 10_000 }).toBe(`there is no ${file('lost')} yet`);
    renameSync(file('hidden'), file('lost'));
    await untilState(test.models.generator, 'ready');
  });

  it.skipIf(process.platform !== 'linux')(
    'is the first that the kernel takes when memory runs out',
    async () => {
      await using test = openTestModels({ generate: file('scripted') });
      await untilState(test.models.generator, 'ready');
      const score = (pid: number | 'self') => Number(readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8'));
      expect(score(pidOf(test, 'generate'))).toBeGreaterThan(score('self'));
    },
  );
});

describe('a file that is no use', () => {
  async function refusal(path: string, config = {}): Promise<string> {
    await using test = openTestModels({ generate: path, config });
    const { detail } = await untilState(test.models.generator, 'down');
    return detail;
  }

  it('is refused when it is not a GGUF file', async () => {
    writeFileSync(file('text'), 'Not a model at all.');
    expect(await refusal(file('text'))).toBe('text.gguf is not a GGUF file (19 bytes)');
  });

  it('is refused when it is truncated', async () => {
    copyFileSync(file('tiny'), file('cut'));
    truncateSync(file('cut'), 60_000);
    expect(await refusal(file('cut'))).toMatch(/^cut\.gguf is truncated: 60000 of \d+ bytes are there$/);
    expect(statSync(file('tiny')).size).toBeGreaterThan(60_000);
    truncateSync(file('cut'), 100);
    expect(await refusal(file('cut'))).toMatch(/^cut\.gguf is (damaged or )?truncated/);
  });

  it('is refused when it is a model for something else', async () => {
    expect(await refusal(file('embed'))).toBe(
      'embed.gguf is an embedding model (bert), not one for generation',
    );
    expect(await refusal(file('rerank'))).toBe(
      'rerank.gguf is a reranking model (bert), not one for generation',
    );
  });

  it('is refused as an embedder when its weights were never trained', async () => {
    writeUnknowingBert(file('unknowing'), 'embed');
    await using test = openTestModels({ embed: file('unknowing') });
    const { detail } = await untilState(test.models.embedder, 'down');
    expect(detail).toMatch(/it finds the right passage for \d of 16 questions only$/);
  });

  it.each([
    ['embedder', 'embed', 'its vectors are zero'],
    ['reranker', 'rerank', /it gives every text the same score, about 0\.\d$/],
  ] as const)('is refused as an %s when what it computes means nothing', async (port, role, reason) => {
    writeDullBert(file('dull'), role);
    await using test = openTestModels({ [role]: file('dull') });
    const { detail } = await untilState(test.models[port], 'down');
    expect(detail).toMatch(/^dull cannot be trusted: /);
    expect(detail).toMatch(reason);
  });

  it('is refused when the engine does not know its architecture', async () => {
    const bytes = readFileSync(file('tiny')).toString('latin1').replaceAll('llama.', 'wibbl.');
    writeFileSync(file('unknown'), bytes.replace(/(general\.architecture.{12})llama/s, '$1wibbl'), 'latin1');
    expect(await refusal(file('unknown'))).toBe(
      'unknown.gguf has the architecture wibbl, which the inference engine cannot run',
    );
  });

  it.each([
    [
      'lacks a tensor',
      'blk.0.ffn_up.',
      'blk.0.ffn_ux.',
      "check_tensor_dims: tensor 'blk.0.ffn_up.weight' not found",
    ],
    [
      'has no tokenizer',
      'tokenizer.ggml.model',
      'tokenizer.ggml.madel',
      'error loading model vocabulary: key not found in model: tokenizer.ggml.model',
    ],
  ])("is refused in the engine's words when it %s", async (_, from, to, reason) => {
    writeFileSync(file('damaged'), renamed(readFileSync(file('scripted')), from, to));
    expect(await refusal(file('damaged'))).toBe(`damaged.gguf could not be loaded: ${reason}`);
  });

  it('is refused when its context has no room for the instructions', async () => {
    writeScriptedModel(file('short'), ANSWER, { contextTokens: 64 });
    expect(await refusal(file('short'), { keptPrefixes: ['Answer. '.repeat(20)] })).toMatch(
      /^a context of 64 tokens is too short: the instructions alone take \d+$/,
    );
  });

  it.each([
    ['has no chat template', 'tokenizer.chat_template', 'tokenizer.chat_templete', /has no chat template/],
    ['has a broken one', '{% endfor %}', '{% endfoo %}', /chat template cannot be used/],
  ])('is used with a template of another, and a warning, when it %s', async (_, from, to, warning) => {
    writeFileSync(file('untold'), renamed(readFileSync(file('scripted')), from, to));
    await using test = openTestModels({ generate: file('untold') });
    await untilState(test.models.generator, 'ready');
    expect((await collect(test.models.generator, QUESTION)).text).toBe('The upload limit is 20 MB [1].');
    expect(test.logged).toContainEqual(
      expect.objectContaining({ level: 'warn', fields: { engine: expect.stringMatching(warning) } }),
    );
  });

  it('is waited for when it is not there yet, and used once it is', async () => {
    await using test = openTestModels({ generate: file('late') });
    expect((await untilState(test.models.generator, 'down')).detail).toContain('late.gguf yet');
    writeScriptedModel(file('late'), ANSWER);
    await untilState(test.models.generator, 'ready');
    expect((await collect(test.models.generator, QUESTION)).text).toBe('The upload limit is 20 MB [1].');
  });
});

/** To a name of the same length, so that nothing else moves. */
function renamed(bytes: Buffer, from: string, to: string): Buffer {
  if (!bytes.includes(from) || from.length !== to.length) throw new RangeError(`${from} cannot be renamed`);
  return Buffer.from(bytes.toString('latin1').replaceAll(from, to), 'latin1');
}

describe('a file that is replaced', () => {
  it('is tried again without a restart, once it is whole', async () => {
    writeScriptedModel(file('good'), ANSWER);
    const good = readFileSync(file('good'));
    writeFileSync(file('replaced'), good.subarray(0, good.length / 2));
    await using test = openTestModels({ generate: file('replaced') });
    expect((await untilState(test.models.generator, 'down')).detail).toContain('truncated');
    appendFileSync(file('replaced'), good.subarray(good.length / 2));
    await untilState(test.models.generator, 'ready');
    expect((await collect(test.models.generator, QUESTION)).text).toBe('The upload limit is 20 MB [1].');
    expect(test.models.pids().generate).toBeGreaterThan(0);
  });
});

describe('memory', () => {
  const MIB = 2 ** 20;
  const machine = (freeMib: number) => () => ({
    cpus: 2,
    physicalCores: 2,
    cpuQuota: undefined,
    memoryLimitBytes: freeMib * MIB,
    memoryFreeBytes: freeMib * MIB,
  });

  it('that does not suffice is said with the figures, before anything is loaded', async () => {
    await using test = openTestModels({ generate: file('tiny'), machine: machine(90) });
    const { detail } = await untilState(test.models.generator, 'down');
    // A fifth of the limit stays free.
    expect(detail).toMatch(/^the model needs \d+ MiB with the smallest context, 72 MiB are free for it$/);
  });

  it('that did not suffice is used once it is free', async () => {
    let freeMib = 90;
    await using test = openTestModels({ generate: file('tiny'), machine: () => machine(freeMib)() });
    await untilState(test.models.generator, 'down');
    freeMib = 4_000;
    await untilState(test.models.generator, 'ready');
  });

  it('is measured for each model when the one before is loaded', async () => {
    const seen: string[][] = [];
    const states = (): string[] => [
      test.models.generator.state().status,
      test.models.embedder.state().status,
    ];
    const measured = () => {
      seen.push(states());
      return machine(4_000)();
    };
    await using test = openTestModels({ generate: file('tiny'), embed: file('embed'), machine: measured });
    await untilState(test.models.generator, 'ready');
    await untilState(test.models.embedder, 'ready');
    expect(seen.map((statuses) => statuses.filter((status) => status === 'ready').length)).toEqual([0, 1]);
  });

  it('that is short gives fewer sequences and a shorter context', async () => {
    const config = { sequences: 64, contextTokens: 4096 };
    await using test = openTestModels({ generate: file('tiny'), config, machine: machine(150) });
    await untilState(test.models.generator, 'ready');
    const { sequences = 0, contextTokens = 0, device } = test.models.generator.info() ?? {};
    expect(sequences).toBeLessThan(64);
    expect(contextTokens).toBeGreaterThanOrEqual(1024);
    expect(device?.estimatedBytes).toBeLessThanOrEqual(120 * MIB);
  });
});
