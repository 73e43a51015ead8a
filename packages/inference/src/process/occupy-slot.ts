import type { LoadSettings } from '../child/messages.ts';
import type { ModelsConfig } from '../config.ts';
import { awaitReplacement, fileVersion } from '../files/await-replacement.ts';
import type { ModelSource } from '../files/model-source.ts';
import { provideModel } from '../files/provide-model.ts';
import type { ModelLog, ModelRole, ModelState } from '../model.ts';
import { chooseThreads } from './choose-threads.ts';
import { type Machine, readMachine } from './machine.ts';
import { ModelProcess, type ProcessEvent, type ProcessLimits, type Refusal } from './model-process.ts';
import type { ModelSlot } from './model-slot.ts';

export interface Occupy {
  readonly config: ModelsConfig;
  readonly log: ModelLog;
  readonly limits?: Partial<ProcessLimits>;
  readonly machine?: () => Machine;
  /** How often a missing or unusable file is checked again. */
  readonly lookEveryMs?: number;
  readonly role: ModelRole;
  readonly source: Exclude<ModelSource, { kind: 'none' }>;
  readonly slot: ModelSlot;
  readonly stateDirectory: string;
  /** Models are loaded one after the other, so that each measures what memory the others have left. */
  readonly takeTurn: () => Promise<() => void>;
  readonly signal: AbortSignal;
}

/**
 * Waits for the file of a slot, then keeps a process for it. An unusable file is tried again when it was replaced; a file
 * for which memory is short, also when enough is free; a file that crashed its process, also after two minutes.
 */
export async function occupySlot(run: Occupy, onRestart: () => void): Promise<void> {
  const { config, role, source, slot, log, signal, lookEveryMs = LOOK_EVERY_MS } = run;
  try {
    for (;;) {
      const say = (state: ModelState) => slot.say(state);
      const file = await provideModel(source, { ...config, signal, log, say, lookEveryMs });
      const version = await fileVersion(file);
      const endTurn = await run.takeTurn();
      signal.throwIfAborted();
      const refusal = await untilUnusable(run, file, { onRestart, endTurn });
      const mayWorkNow = createRetryRule(run, refusal);
      await awaitReplacement(file, version, { lookEveryMs, signal, mayWorkNow });
      log.info({ role, file }, 'the model is tried again');
      await slot.vacate({ status: 'loading', detail: 'looking for the model file' });
    }
  } catch (error) {
    if (signal.aborted) return;
    log.error({ err: error, role }, 'a model cannot be provided');
    slot.say({ status: 'down', detail: error instanceof Error ? error.message : String(error) });
  }
}

const LOOK_EVERY_MS = 2_000;

/** The cause of three crashes in a row may be outside the file and temporary. */
const AFTER_CRASHES_MS = 120_000;

/** Whether the reason to refuse a file is gone although the file is the same. */
function createRetryRule(run: Occupy, refusal: Refusal): () => boolean {
  const againAtMs = Date.now() + AFTER_CRASHES_MS;
  const { cause, neededBytes = Number.POSITIVE_INFINITY } = refusal;
  if (cause === 'crash') return () => Date.now() >= againAtMs;
  return () => cause === 'memory' && memoryBudget(machineOf(run)) >= neededBytes;
}

/** Keeps a process with that file in the slot; resolves when the file proves unusable. */
function untilUnusable(
  run: Occupy,
  file: string,
  { onRestart, endTurn }: { readonly onRestart: () => void; readonly endTurn: () => void },
): Promise<Refusal> {
  const { config, slot, log } = run;
  return new Promise((resolve) => {
    const onEvent = (event: ProcessEvent) => {
      logEvent(run, event);
      endTurn();
      if (event.type === 'ready') slot.ready();
      if (event.type === 'exit') onRestart();
      if (event.type === 'unusable') resolve(event);
    };
    const settings = () => loadSettings(run, file);
    const limits = run.limits === undefined ? {} : { limits: run.limits };
    slot.use(new ModelProcess({ settings, env: deviceEnvironment(config), log, onEvent, ...limits }));
  });
}

function loadSettings(run: Occupy, file: string): LoadSettings {
  const { config, role, log, stateDirectory } = run;
  const machine = machineOf(run);
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
    contextTokens: role === 'generate' ? config.contextTokens : LONGEST_EMBEDDED_TOKENS,
    sequences: role === 'generate' ? config.sequences : 1,
    keptPrefixes: config.keptPrefixes,
    lookupPrediction: config.lookupPrediction,
  };
}

function machineOf({ machine = readMachine }: Occupy): Machine {
  return machine();
}

/** Answers become smaller when limited memory is four fifths full, so that no model may fill that much by itself. */
function memoryBudget({ memoryFreeBytes, memoryLimitBytes = 0 }: Machine): number {
  return Math.max(0, Math.floor(memoryFreeBytes - memoryLimitBytes / 5));
}

/** More than any chunk has; a model that was trained on a shorter context uses that. */
const LONGEST_EMBEDDED_TOKENS = 2_048;

/** Whether a person asked for a device by name, and not by `auto`. */
function asksForDevice({ vulkan, visibleDevices }: ModelsConfig): boolean {
  return typeof vulkan === 'number' || (vulkan === 'auto' && Boolean(visibleDevices));
}

function deviceEnvironment({ vulkan, visibleDevices }: ModelsConfig): Record<string, string> {
  if (typeof vulkan === 'number') return { GGML_VK_VISIBLE_DEVICES: String(vulkan) };
  return visibleDevices === undefined ? {} : { GGML_VK_VISIBLE_DEVICES: visibleDevices };
}

function logEvent({ log, role, config }: Occupy, event: ProcessEvent): void {
  switch (event.type) {
    case 'ready': {
      const { id, device, threads, contextTokens, sequences } = event.info;
      log.info({ role, model: id, device, threads, contextTokens, sequences }, 'the model is ready');
      if (role === 'generate' && device.kind === 'cpu' && asksForDevice(config)) {
        log.warn({ role, reason: device.reason }, 'the device that was asked for is not used');
      }
      break;
    }
    case 'unusable':
      log.error({ role, reason: event.detail }, 'the model cannot be used');
      break;
    case 'exit':
      log.warn({ role, reason: event.detail, restartMs: event.restartMs }, 'the model process ended');
      break;
  }
}
