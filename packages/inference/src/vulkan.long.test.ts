import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { GenerateRequest, Generator } from './model.ts';
import { makeTestDirectory, openTestModels, pidOf, untilState } from './testing/open-test-models.ts';
import { writeRandomBert } from './testing/random-bert.ts';
import { writeScriptedModel } from './testing/scripted-model.ts';

/** Mesa's software device, from Debian's mesa-vulkan-drivers. */
const DRIVER = '/usr/share/vulkan/icd.d/lvp_icd.x86_64.json';
const hasSoftwareVulkan = existsSync(DRIVER);

const directory = makeTestDirectory();
const file = join(directory.path, 'scripted.gguf');
const REQUEST: GenerateRequest = { prompt: { kind: 'text', text: 'x' }, temperature: 0 };

const [embed, rerank, driver] = ['embed.gguf', 'rerank.gguf', 'driver.json'].map((name) =>
  join(directory.path, name),
) as [string, string, string];

beforeAll(() => {
  writeScriptedModel(file, ['On ', 'the ', 'device', '.']);
  writeRandomBert(embed, 'embed');
  writeRandomBert(rerank, 'rerank');
});
afterAll(() => directory.remove());

async function write(generator: Generator): Promise<string> {
  let text = '';
  for await (const event of generator.generate(REQUEST)) if (event.type === 'token') text += event.text;
  return text;
}

describe.skipIf(!hasSoftwareVulkan)('Vulkan on a software device', () => {
  it('computes the layers on it when a person asks for it, and says so', async () => {
    await using test = openTestModels({ generate: file, config: { vulkan: 'auto', visibleDevices: '0' } });
    await untilState(test.models.generator, 'ready', 300_000);
    expect(test.models.generator.info()?.device).toMatchObject({
      kind: 'vulkan',
      name: expect.stringContaining('llvmpipe'),
      software: true,
      gpuLayers: 2,
    });
    expect(test.models.generator.info()?.device.deviceBytes).toBeGreaterThan(2 ** 20);
    expect(test.models.generator.state().detail).toMatch(/2 layers and about \d+ MiB on it/);
    expect(await write(test.models.generator)).toBe('On the device.');
  });

  it('takes the embedder and the reranker after the generation model, and they compute the same there', async () => {
    const config = { vulkan: 'auto', visibleDevices: '0' } as const;
    await using there = openTestModels({ generate: file, embed, rerank, config });
    await using here = openTestModels({ embed, rerank });
    const texts = ['the cat', 'how to search for the river bank'];
    const results = [];
    for (const [kind, { models }] of [
      ['vulkan', there],
      ['cpu', here],
    ] as const) {
      // One that was loaded before the generation model moves to the device after it.
      for (const port of [models.embedder, models.reranker]) {
        await expect.poll(() => port.info()?.device.kind, { timeout: 300_000 }).toBe(kind);
        await untilState(port, 'ready', 300_000);
      }
      const { vectors } = await models.embedder.embed(texts, 'plain');
      const { scores } = await models.reranker.rerank('the cat', texts);
      results.push([...vectors.flatMap((vector) => [...vector]), ...scores]);
    }
    const [onDevice = [], onCpu = []] = results;
    expect(Math.max(...onDevice.map((x, at) => Math.abs(x - (onCpu[at] ?? Number.NaN))))).toBeLessThan(0.02);
    const { generator, embedder, reranker } = there.models;
    const [first = 0, ...others] = [generator, embedder, reranker].map(
      (port) => port.info()?.loadedAt.getTime() ?? 0,
    );
    expect(first).toBeLessThan(Math.min(...others));
    for (const port of [generator, embedder, reranker]) {
      expect(port.info()?.device).toMatchObject({ kind: 'vulkan', software: true });
      expect(port.info()?.threads).toBe(1);
    }
  });

  it('that vanishes leaves the model on the CPU, with the reason', async () => {
    copyFileSync(DRIVER, driver);
    vi.stubEnv('VK_ICD_FILENAMES', driver);
    await using test = openTestModels({ generate: file, config: { vulkan: 'auto', visibleDevices: '0' } });
    const { generator } = test.models;
    await untilState(generator, 'ready', 300_000);
    expect(generator.info()?.device.kind).toBe('vulkan');
    rmSync(driver);
    process.kill(pidOf(test, 'generate'), 'SIGKILL');
    await untilState(generator, 'down');
    await untilState(generator, 'ready', 300_000);
    expect(generator.info()?.device).toMatchObject({
      kind: 'cpu',
      reason: expect.stringContaining('Vulkan could not be started'),
    });
    expect(await write(generator)).toBe('On the device.');
    vi.unstubAllEnvs();
  });

  it('finds what the driver compiled where it was told to keep it, at the next start', async () => {
    const kept = join(directory.path, 'shaders');
    mkdirSync(kept);
    vi.stubEnv('MESA_SHADER_CACHE_DIR', kept);
    const start = async () => {
      const beganMs = performance.now();
      await using test = openTestModels({ generate: file, config: { vulkan: 'auto', visibleDevices: '0' } });
      await untilState(test.models.generator, 'ready', 300_000);
      expect(test.models.generator.info()?.device.kind).toBe('vulkan');
      return performance.now() - beganMs;
    };
    const filesIn = () =>
      readdirSync(kept, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length;
    const firstMs = await start();
    const compiled = filesIn();
    const secondMs = await start();
    const [first, second] = [firstMs, secondMs].map((ms) => `${(ms / 1000).toFixed(1)} s`);
    process.stdout.write(`compiled programs: ${compiled} files; ready after ${first}, then ${second}\n`);
    expect(compiled).toBeGreaterThan(0);
    // A software device compiles so slowly that the first start ends before it has all.
    expect(filesIn()).toBeGreaterThanOrEqual(compiled);
    expect(secondMs).toBeLessThan(firstMs);
    vi.unstubAllEnvs();
  });

  it('falls back to the CPU with the reason when nobody does', async () => {
    await using test = openTestModels({ generate: file, config: { vulkan: 'auto' } });
    await untilState(test.models.generator, 'ready', 300_000);
    expect(test.models.generator.info()?.device).toMatchObject({
      kind: 'cpu',
      gpuLayers: 0,
      reason: expect.stringMatching(/GPU|device/),
    });
    expect(await write(test.models.generator)).toBe('On the device.');
  });

  it('falls back to the CPU with the reason when the device asked for does not exist', async () => {
    await using test = openTestModels({ generate: file, config: { vulkan: 7, visibleDevices: '7' } });
    await untilState(test.models.generator, 'ready', 300_000);
    expect(test.models.generator.info()?.device).toMatchObject({
      kind: 'cpu',
      reason: expect.stringContaining('Vulkan'),
    });
  });
});
