import type { GgufInsights } from 'node-llama-cpp';
import { describe, expect, it } from 'vitest';
import { checkDeviceRoom, fitMemory, MemoryShortage } from './fit-memory.ts';

const MIB = 2 ** 20;

describe('the room on a device', () => {
  it('suffices with a reserve', () => {
    expect(() => checkDeviceRoom(900 * MIB, 1_000 * MIB)).not.toThrow();
  });

  it('does not when another program has taken the memory, and the figures are said', () => {
    expect(() => checkDeviceRoom(901 * MIB, 1_000 * MIB)).toThrow(
      "the model needs 901 MiB of the device's memory, 1,000 MiB are free",
    );
  });
});

describe('the context that fits into memory', () => {
  const insights = {
    trainContextSize: 2048,
    estimateModelResourceRequirementsV2: async () => ({ cpuRam: 0, gpuVram: 0 }),
    estimateContextResourceRequirementsV2: async ({ contextSize }: { contextSize: number }) => ({
      cpuRam: (contextSize / 1024) * 100 * MIB,
      gpuVram: 0,
    }),
  } as unknown as GgufInsights;
  const fit = (wholeContext: boolean) => {
    const size = { contextTokens: 8192, sequences: 1, batchTokens: 128, gpuLayers: 0 };
    return fitMemory({ insights, ...size, budgetBytes: 200 * MIB, wholeContext });
  };

  it('is shorter than what was asked for', async () => {
    expect(await fit(false)).toMatchObject({ contextTokens: 1024 });
  });

  it('is none where it is to be whole, which a model was trained with at most', async () => {
    const refusal = await fit(true).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(MemoryShortage);
    expect(refusal).toMatchObject({ neededBytes: 296 * MIB });
  });
});
