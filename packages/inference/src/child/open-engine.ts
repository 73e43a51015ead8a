import { getLlama, type Llama, LlamaLogLevel } from 'node-llama-cpp';
import { hasGpuNode } from './gpu-node.ts';
import type { LoadSettings, LogLevel } from './messages.ts';

export interface Engine {
  readonly llama: Llama;
  readonly kind: 'cpu' | 'vulkan';
  readonly deviceName: string;
  readonly software: boolean;
  /** Why this device was chosen, for people. */
  readonly reason: string;
}

/** The process needs a pool of one thread, because the CPU computes; `noDevice`: why it does so alone. */
export class StartAgain extends Error {
  readonly noDevice: string | undefined;

  constructor(noDevice?: string) {
    super('the process was started to compute on a device');
    this.noDevice = noDevice;
  }
}

export interface EngineOptions
  extends Pick<LoadSettings, 'vulkan' | 'softwareDevice' | 'noDevice' | 'threads' | 'poolThreads'> {
  readonly log: (level: LogLevel, message: string) => void;
}

/**
 * Opens the engine on Vulkan or on the CPU. Vulkan counts only when a real device is named: with the loader installed
 * but no usable device the library reports Vulkan and silently computes on the CPU.
 */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const { vulkan, softwareDevice, noDevice } = options;
  if (vulkan === 'off') return openCpu(options, 'Vulkan is switched off (VULKAN_DEVICE_SELECT=off)');
  if (!softwareDevice && !hasGpuNode())
    return openCpu(options, 'no GPU device node is visible (/dev/dri, /dev/nvidia*)');
  if (noDevice !== undefined) return openCpu(options, noDevice);
  const llama = await load(options, 'vulkan').catch((error: Error) => error);
  if (llama instanceof Error) {
    const why = `no driver works, or the device asked for does not exist (${llama.message || llama.name})`;
    return openCpu(options, `Vulkan could not be started: ${why}`);
  }
  const names = llama.supportsGpuOffloading ? await llama.getGpuDeviceNames() : [];
  const refusal = refuseDevices(names, softwareDevice);
  if (refusal === undefined) {
    const deviceName = names.join(', ');
    const software = names.some(isSoftware);
    return { llama, kind: 'vulkan', deviceName, software, reason: `Vulkan device ${deviceName}` };
  }
  await llama.dispose();
  return openCpu(options, refusal);
}

/** @throws {StartAgain} in a process that was started to compute on a device */
export async function openCpu(options: EngineOptions, reason: string): Promise<Engine> {
  if (options.poolThreads > 1) throw new StartAgain(reason);
  const llama = await load(options, false);
  const deviceName = `CPU, ${options.threads} ${options.threads === 1 ? 'thread' : 'threads'}`;
  return { llama, kind: 'cpu', deviceName, software: false, reason };
}

/** Why these Vulkan devices are not used; undefined when they are. */
export function refuseDevices(names: readonly string[], softwareDevice: boolean): string | undefined {
  if (names.length === 0) return 'Vulkan is installed but names no device';
  const software = softwareDevice ? undefined : names.find(isSoftware);
  return software && `${software} is a software device; set GGML_VK_VISIBLE_DEVICES to use it all the same`;
}

/** Mesa's and Google's implementations of Vulkan on the CPU. */
function isSoftware(name: string): boolean {
  return /llvmpipe|lavapipe|swiftshader|softpipe/i.test(name);
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

const LEVEL: Partial<Record<LlamaLogLevel, LogLevel>> = {
  [LlamaLogLevel.fatal]: 'error',
  [LlamaLogLevel.error]: 'error',
  [LlamaLogLevel.warn]: 'debug',
};
