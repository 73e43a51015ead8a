import type { Bulkhead } from '@xnai/resilience';
import type { ModelsConfig } from '../config.ts';
import { awaitReplacement, fileVersion } from '../files/await-replacement.ts';
import { formatSource, type ModelSource } from '../files/model-source.ts';
import { provideModel } from '../files/provide-model.ts';
import type { ModelLog, ModelRole, ModelState } from '../model.ts';
import type { DeviceTurn } from './device-turn.ts';
import { deviceEnvironment, loadSettings, memoryBudget } from './load-settings.ts';
import { type Machine, readMachine } from './machine.ts';
import type { SupervisedProcess } from './role-process.ts';
import type { FileRefusal } from './role-state.ts';
import { type FreeMemory, watchMemory } from './watch-memory.ts';

export interface KeepLoadedOptions {
  readonly config: ModelsConfig;
  readonly log: ModelLog;
  readonly machine?: () => Machine;
  /** How often a missing or unusable file is checked again. */
  readonly lookEveryMs?: number;
  readonly role: ModelRole;
  readonly source: Exclude<ModelSource, { kind: 'none' }>;
  readonly process: SupervisedProcess;
  readonly device: DeviceTurn;
  readonly stateDirectory: string;
  /** Of one: models are loaded one after the other, so that each measures what memory the others have left. */
  readonly loading: Bulkhead;
  readonly signal: AbortSignal;
}

/** The state of a role whose file has not been looked for yet. */
export function lookingFor(source: KeepLoadedOptions['source']): ModelState {
  const name = source.kind === 'path' ? source.file : formatSource(source);
  return { status: 'loading', detail: `looking for ${name}` };
}

/**
 * Waits for the file of a role, then keeps a process for it. An unusable file is tried again when it was replaced; a file
 * for which memory is short, also when enough is free; a file that crashed its process, also after two minutes. The process
 * of a model is ended before the kernel has to choose one.
 */
export async function keepLoaded(options: KeepLoadedOptions): Promise<void> {
  const { config, log, role, source, process, signal, machine = readMachine } = options;
  const { lookEveryMs = LOOK_EVERY_MS } = options;
  const say = (state: ModelState) => void process.wait(state);
  process.onReady(() => warnOfDevice(options));
  using _watch = watchMemory(role, (free) => giveUp(process, free));
  const deviceFree = whenDeviceFree(options);
  try {
    for (;;) {
      const file = await provideModel(source, { ...config, role, signal, log, say, lookEveryMs });
      const version = await fileVersion(file);
      const turn = await options.loading.acquire(signal);
      const settings = (crashes: number) =>
        loadSettings({ ...options, file, machine: machine(), noDevice: options.device.refusal(crashes) });
      const loaded = process.load({ settings, env: deviceEnvironment(config), turn });
      const refusal = await Promise.race([loaded, deviceFree()]);
      if (refusal === 'free') {
        log.info({ role }, 'the model moves to the device');
        await process.leave({ status: 'loading', detail: 'the model moves to the device' });
        continue;
      }
      const mayWorkNow = createRetryRule(refusal, machine);
      await awaitReplacement(file, version, { lookEveryMs, signal, mayWorkNow });
      log.info({ role, file }, 'the model is tried again');
      await process.wait(lookingFor(source));
    }
  } catch (error) {
    if (signal.aborted) return;
    log.error({ err: error, role }, 'a model cannot be provided');
    say({ status: 'down', detail: error instanceof Error ? error.message : String(error) });
  }
}

const LOOK_EVERY_MS = 2_000;

const MIB = 2 ** 20;

/** It comes back when it has room again, with a fifth of the limit left. */
function giveUp(process: SupervisedProcess, { freeBytes, limitBytes }: FreeMemory): void {
  if (process.state().status !== 'ready') return;
  const [free, limit] = [freeBytes, limitBytes].map((bytes) => Math.max(0, Math.round(bytes / MIB)));
  const neededBytes = process.info()?.device.estimatedBytes ?? 0;
  const detail = `memory ran short, with ${free} of ${limit} MiB free: the model comes back when there is room for it`;
  process.refuse({ cause: 'memory', detail, neededBytes });
}

/** The cause of three crashes in a row may be outside the file and temporary. */
const AFTER_CRASHES_MS = 120_000;

/** Whether the reason to refuse a file is gone although the file is the same. */
function createRetryRule(
  { cause, neededBytes = Number.POSITIVE_INFINITY }: FileRefusal,
  machine: () => Machine,
): () => boolean {
  const againAtMs = Date.now() + AFTER_CRASHES_MS;
  if (cause === 'crash') return () => Date.now() >= againAtMs;
  return () => cause === 'memory' && memoryBudget(machine()) >= neededBytes;
}

/** Returns a function for a promise of the moment from which the device may be used that this model was kept from. */
function whenDeviceFree({ process, device }: KeepLoadedOptions): () => Promise<'free'> {
  let free = () => {};
  const look = () => {
    if (device.isOver(process.info()?.device.reason)) free();
  };
  device.onChange(look);
  process.onReady(look);
  return () =>
    new Promise((resolve) => {
      free = () => resolve('free');
    });
}

function warnOfDevice({ config, log, role, process }: KeepLoadedOptions): void {
  const device = process.info()?.device;
  const isAskedFor =
    typeof config.vulkan === 'number' || (config.vulkan === 'auto' && Boolean(config.visibleDevices));
  if (role !== 'generate' || device?.kind !== 'cpu' || !isAskedFor) return;
  log.warn({ role, reason: device.reason }, 'the device that was asked for is not used');
}
