import { readdirSync } from 'node:fs';
import { getLlama, type Llama, LlamaLogLevel } from 'node-llama-cpp';
import type { Event } from '../ipc.ts';

export interface Engine {
  readonly llama: Llama;
  readonly kind: 'cpu' | 'vulkan';
  readonly deviceName: string;
  readonly software: boolean;
  /** Why this device and no other, for people. */
  readonly reason: string;
}

export interface EngineOptions {
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
  if (options.vulkan === 'off') return openCpu(options, 'Vulkan is switched off (VULKAN_DEVICE_SELECT=off)');
  if (!options.softwareDevice && !hasGpuNode())
    return openCpu(options, 'no GPU device node is visible (/dev/dri, /dev/nvidia*)');
  const llama = await load(options, 'vulkan').catch((error: Error) => error);
  if (llama instanceof Error) {
    return openCpu(
      options,
      `the Vulkan driver could not be loaded${llama.message ? `: ${llama.message}` : ''}`,
    );
  }
  const names = llama.supportsGpuOffloading ? await llama.getGpuDeviceNames() : [];
  const refusal = refuse(names, options.softwareDevice);
  if (refusal === undefined) {
    const deviceName = names.join(', ');
    const software = SOFTWARE_DEVICE.test(deviceName);
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

/** Names of Mesa's and Google's CPU implementations of Vulkan. */
const SOFTWARE_DEVICE = /llvmpipe|lavapipe|swiftshader|softpipe/i;

function refuse(names: readonly string[], softwareDevice: boolean): string | undefined {
  if (names.length === 0) return 'Vulkan is installed but names no device';
  if (softwareDevice) return undefined;
  const soft = names.find((name) => SOFTWARE_DEVICE.test(name));
  return soft && `${soft} is a software device; set GGML_VK_VISIBLE_DEVICES to use it all the same`;
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

function load({ threads, log }: EngineOptions, gpu: 'vulkan' | false): Promise<Llama> {
  return getLlama({
    gpu,
    build: 'never',
    skipDownload: true,
    progressLogs: false,
    maxThreads: threads,
    logLevel: LlamaLogLevel.info,
    logger: (level, message) => log(LEVEL[level] ?? 'debug', message.trim()),
  });
}

const LEVEL: Partial<Record<LlamaLogLevel, 'debug' | 'warn' | 'error'>> = {
  [LlamaLogLevel.fatal]: 'error',
  [LlamaLogLevel.error]: 'error',
  [LlamaLogLevel.warn]: 'debug',
};
