import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GenerateRequest, Generator } from './model.ts';
import { makeTestDirectory, openTestModels, untilState } from './testing/open-test-models.ts';
import { writeScriptedModel } from './testing/scripted-model.ts';

/** Mesa's software device, from Debian's mesa-vulkan-drivers. */
const hasSoftwareVulkan = existsSync('/usr/share/vulkan/icd.d/lvp_icd.x86_64.json');

const directory = makeTestDirectory();
const file = join(directory.path, 'scripted.gguf');
const REQUEST: GenerateRequest = { prompt: { kind: 'text', text: 'x' }, temperature: 0 };

beforeAll(() => writeScriptedModel(file, ['On ', 'the ', 'device', '.']));
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
