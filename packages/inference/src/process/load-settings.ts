import { hasGpuNode } from '../child/gpu-node.ts';
import type { LoadSettings } from '../child/messages.ts';
import type { ModelsConfig } from '../config.ts';
import type { ModelSource } from '../files/model-source.ts';
import type { ModelLog, ModelRole } from '../model.ts';
import type { Machine } from './machine.ts';
import { shaderCache } from './shader-cache.ts';

export interface LoadSettingsOptions {
  readonly config: ModelsConfig;
  readonly log: ModelLog;
  readonly role: ModelRole;
  readonly source: ModelSource;
  readonly file: string;
  readonly machine: Machine;
  readonly stateDirectory: string;
  /** Why this model stays on the CPU whatever devices there are. */
  readonly noDevice?: string | undefined;
}

export function loadSettings(options: LoadSettingsOptions): LoadSettings {
  const { config, log, role, source, file, machine, stateDirectory, noDevice } = options;
  const { threads, warning } = chooseThreads(config.threads, machine);
  if (warning !== undefined) log.warn({ threads, role }, warning);
  return {
    role,
    file,
    threads,
    stateDirectory,
    memoryBudgetBytes: memoryBudget(machine),
    vulkan: config.vulkan === 'off' ? 'off' : 'auto',
    softwareDevice: Boolean(config.visibleDevices),
    noDevice,
    poolThreads: noDevice === undefined ? choosePoolThreads(config, hasGpuNode()) : 1,
    contextTokens: role === 'generate' ? config.contextTokens : LONGEST_EMBEDDED_TOKENS,
    sequences: role === 'generate' ? config.sequences : 1,
    keptPrefixes: config.keptPrefixes,
    lookupPrediction: config.lookupPrediction,
    embedPrefixes: config.embedPrefixes,
    repository: source.kind === 'hub' ? source.repository : undefined,
  };
}

type DeviceChoice = Pick<ModelsConfig, 'vulkan' | 'visibleDevices'>;

/**
 * Several where a model may come to lie on a device; its process finds out whether it does. On a CPU each decode might run
 * on a different one, each with its own team of threads, at less than half the speed.
 */
export function choosePoolThreads(choice: DeviceChoice, isGpuVisible: boolean): number {
  return isDevicePossible(choice, isGpuVisible) ? DEVICE_POOL_THREADS : 1;
}

const DEVICE_POOL_THREADS = 4;

function isDevicePossible({ vulkan, visibleDevices }: DeviceChoice, isGpuVisible: boolean): boolean {
  return vulkan !== 'off' && (isGpuVisible || Boolean(visibleDevices));
}

/** More than any chunk has; a model that was trained on a shorter context uses that. */
const LONGEST_EMBEDDED_TOKENS = 2_048;

/** Answers become smaller when limited memory is four fifths full, so that no model may fill that much by itself. */
export function memoryBudget({ memoryFreeBytes, memoryLimitBytes = 0 }: Machine): number {
  return Math.max(0, Math.floor(memoryFreeBytes - memoryLimitBytes / 5));
}

export interface ThreadChoice {
  readonly threads: number;
  readonly warning?: string;
}

/**
 * Threads for inference: the requested number, limited to the CPUs of this process; by default its cores less one. More
 * threads than free cores make decoding 20 to 40 times slower, because the engine waits by spinning.
 */
export function chooseThreads(requested: number | undefined, machine: Machine): ThreadChoice {
  const { cpus, cpuQuota = Number.POSITIVE_INFINITY, physicalCores } = machine;
  if (requested === undefined) {
    return { threads: Math.max(1, Math.floor(Math.min(physicalCores, cpuQuota)) - 1) };
  }
  const most = Math.max(1, Math.floor(Math.min(cpus, cpuQuota)));
  if (requested <= most) return { threads: requested };
  return {
    threads: most,
    warning: `INFERENCE_THREADS=${requested} is more than the ${most} available cores`,
  };
}

export function deviceEnvironment(config: ModelsConfig): Record<string, string> {
  const { vulkan, visibleDevices, directory } = config;
  // biome-ignore lint/style/noProcessEnv: the environment of a child process, not configuration
  const cache = isDevicePossible(config, hasGpuNode()) ? shaderCache(directory, process.env) : {};
  if (typeof vulkan === 'number') return { ...cache, GGML_VK_VISIBLE_DEVICES: String(vulkan) };
  return visibleDevices === undefined ? cache : { ...cache, GGML_VK_VISIBLE_DEVICES: visibleDevices };
}
