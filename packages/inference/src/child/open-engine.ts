import { readdirSync } from 'node:fs';
import { getLlama, type Llama, LlamaLogLevel } from 'node-llama-cpp';
import type { Event, ModelRole } from '../process/ipc.ts';
import { isSoftwareDevice, refuseDevices } from './judge-devices.ts';

export interface Engine {
  readonly llama: Llama;
  readonly kind: 'cpu' | 'vulkan';
  readonly deviceName: string;
  readonly software: boolean;
  /** Why this device and no other, for people. */
  readonly reason: string;
}

export interface EngineOptions {
  readonly role: ModelRole;
  readonly vulkan: 'auto' | 'off';
  readonly softwareDevice: boolean;
  readonly threads: number;
  readonly log: (level: (Event & { type: 'log' })['level'], message: string) => void;
}

/**
 * Vulkan counts only when a real device is named: with the loader installed but no usable device the library reports
 * Vulkan and silently computes on the CPU.
 */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  // Two contexts on one device disturb each other.
  if (options.role !== 'generate') return openCpu(options, 'only generation uses a GPU');
  if (options.vulkan === 'off') return openCpu(options, 'Vulkan is switched off (VULKAN_DEVICE_SELECT=off)');
  if (!options.softwareDevice && !hasGpuNode())
    return openCpu(options, 'no GPU device node is visible (/dev/dri, /dev/nvidia*)');
  const llama = await load(options, 'vulkan').catch((error: Error) => error);
  if (llama instanceof Error) {
    return openCpu(
      options,
      `Vulkan could not be started: no driver works, or the device asked for does not exist (${llama.message || llama.name})`,
    );
  }
  const names = llama.supportsGpuOffloading ? await llama.getGpuDeviceNames() : [];
  const refusal = refuseDevices(names, options.softwareDevice);
  if (refusal === undefined) {
    const deviceName = names.join(', ');
    const software = names.some(isSoftwareDevice);
    return { llama, kind: 'vulkan', deviceName, software, reason: `Vulkan device ${deviceName}` };
  }
  await llama.dispose();
  return openCpu(options, refusal);
}

export async function openCpu(options: EngineOptions, reason: string): Promise<Engine> {
  const llama = await load(options, false);
  return {
    llama,
    kind: 'cpu',
    deviceName: `CPU, ${options.threads} ${options.threads === 1 ? 'thread' : 'threads'}`,
    software: false,
    reason,
  };
}

function hasGpuNode(): boolean {
  return [
    ['/dev/dri', /^renderD/],
    ['/dev', /^(nvidia\d|dxg$|kfd$)/],
  ].some(([directory, pattern]) =>
    entries(directory as string).some((name) => (pattern as RegExp).test(name)),
  );
}

function entries(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return []; // no such directory: no such device
  }
}

function load({ log }: EngineOptions, gpu: 'vulkan' | false): Promise<Llama> {
  return getLlama({
    gpu,
    build: 'never',
    skipDownload: true,
    progressLogs: false,
    // Each context has its own number.
    maxThreads: 0,
    logLevel: LlamaLogLevel.info,
    logger: (level, message) => log(LEVEL[level] ?? 'debug', message.trim()),
  });
}

const LEVEL: Partial<Record<LlamaLogLevel, 'debug' | 'warn' | 'error'>> = {
  [LlamaLogLevel.fatal]: 'error',
  [LlamaLogLevel.error]: 'error',
  [LlamaLogLevel.warn]: 'debug',
};
