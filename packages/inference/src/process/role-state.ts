import type { EmbedPrefixes, ModelInfo, ModelState } from '../model.ts';

/** The state of a role: of its file, and of the process that has it loaded. */
export type RoleState =
  /** There is no process: the role is unconfigured or waits for its file. */
  | { readonly name: 'waiting'; readonly port: ModelState }
  | { readonly name: 'loading'; readonly history: History; readonly progress?: number }
  | {
      readonly name: 'ready';
      readonly history: History;
      readonly info: ModelInfo;
      readonly readyAtMs: number;
    }
  | {
      readonly name: 'restarting';
      readonly history: History;
      readonly detail: string;
      readonly pauseMs: number;
    }
  /** Until the file is replaced or the reason is gone. */
  | { readonly name: 'unusable'; readonly history: History; readonly refusal: FileRefusal }
  | { readonly name: 'closed' };

export type RoleEvent =
  | { readonly type: 'wait'; readonly port: ModelState }
  | { readonly type: 'start' }
  | { readonly type: 'progress'; readonly progress: number }
  | { readonly type: 'loaded'; readonly info: ModelInfo; readonly atMs: number }
  | { readonly type: 'refused'; readonly refusal: FileRefusal }
  | { readonly type: 'ended'; readonly detail: string; readonly atMs: number }
  | { readonly type: 'close' };

/** Why a file is given up. */
export interface FileRefusal {
  readonly detail: string;
  /** `memory`: it would load with `neededBytes` of free memory, or was given up when memory became short. `crash`: its process ended at each attempt to load it. */
  readonly cause: 'file' | 'memory' | 'crash';
  readonly neededBytes?: number;
}

export interface RestartLimits {
  readonly restartFirstMs: number;
  readonly restartMaxMs: number;
  /** After this time without a crash the next crash counts as the first again. */
  readonly steadyAfterMs: number;
}

/** What is known of earlier processes with the same file. */
interface History {
  /** Of the model as it was loaded last. */
  readonly info?: ModelInfo;
  readonly crashes: number;
  /** Crashes in a row before the model was loaded. */
  readonly crashedLoads: number;
}

/**
 * A process that ends is started again after growing pauses. A file that cannot work, or that ends three processes in a
 * row before it is loaded, is given up. An event that does not concern the state changes nothing.
 */
export function nextState(state: RoleState, event: RoleEvent, limits: RestartLimits): RoleState {
  if (state.name === 'closed') return state;
  switch (event.type) {
    case 'close':
      return { name: 'closed' };
    case 'wait':
      return { name: 'waiting', port: event.port };
    case 'start':
      if (state.name === 'waiting') return { name: 'loading', history: { crashes: 0, crashedLoads: 0 } };
      return state.name === 'restarting' ? { name: 'loading', history: state.history } : state;
    case 'ended':
      return afterEnd(state, event, limits);
    case 'refused':
      if (state.name !== 'loading' && state.name !== 'ready') return state;
      return { name: 'unusable', history: state.history, refusal: event.refusal };
  }
  if (state.name !== 'loading') return state;
  const { history } = state;
  switch (event.type) {
    case 'progress':
      return { ...state, progress: event.progress };
    case 'loaded': {
      const { info, atMs } = event;
      return { name: 'ready', history: { ...history, info, crashedLoads: 0 }, info, readyAtMs: atMs };
    }
  }
}

function afterEnd(
  state: RoleState,
  { detail, atMs }: Extract<RoleEvent, { type: 'ended' }>,
  { restartFirstMs, restartMaxMs, steadyAfterMs }: RestartLimits,
): RoleState {
  if (state.name !== 'loading' && state.name !== 'ready') return state;
  const isSteady = state.name === 'ready' && atMs - state.readyAtMs >= steadyAfterMs;
  const before = isSteady ? 0 : state.history.crashes;
  const crashedLoads = state.name === 'ready' ? 0 : state.history.crashedLoads + 1;
  const history = { ...state.history, crashes: before + 1, crashedLoads };
  if (crashedLoads >= MOST_CRASHED_LOADS) {
    const again = `${detail} while it loaded the model, ${MOST_CRASHED_LOADS} times in a row`;
    return { name: 'unusable', history, refusal: { cause: 'crash', detail: again } };
  }
  const pauseMs = Math.min(restartMaxMs, restartFirstMs * 2 ** before);
  return { name: 'restarting', history, detail, pauseMs };
}

const MOST_CRASHED_LOADS = 3;

/** The state in the words of a model port. */
export function portState(state: RoleState): ModelState {
  switch (state.name) {
    case 'waiting':
      return state.port;
    case 'loading': {
      const { progress } = state;
      return {
        status: 'loading',
        detail: 'the model is being loaded',
        ...(progress === undefined ? {} : { progress }),
      };
    }
    case 'ready':
      return { status: 'ready', detail: describe(state.info) };
    case 'restarting':
      return { status: 'down', detail: `${state.detail}; it is started again in ${state.pauseMs} ms` };
    case 'unusable':
      return { status: 'down', detail: state.refusal.detail };
    case 'closed':
      return { status: 'down', detail: 'the service is stopping' };
  }
}

/** One sentence for people: what the model runs on, how much it takes, and why there. */
function describe({ id, device, contextTokens, sequences, embedding }: ModelInfo): string {
  const layers =
    device.kind === 'vulkan' ? `, ${device.gpuLayers} layers and ${about(device.deviceBytes)} on it` : '';
  const room = `${sequences} ${sequences === 1 ? 'sequence' : 'sequences'} of ${contextTokens} tokens`;
  const texts = embedding === undefined ? '' : `; ${describePrefixes(embedding.prefixes)}`;
  return `${id} on ${device.name}${layers}; ${room}, ${about(device.estimatedBytes)}; ${device.reason}${texts}`;
}

function describePrefixes({ query, document }: EmbedPrefixes): string {
  const shown = (prefix: string) => (prefix === '' ? 'none' : JSON.stringify(prefix));
  return `prefix of queries: ${shown(query)}, of documents: ${shown(document)}`;
}

function about(bytes: number): string {
  return `about ${Math.round(bytes / 2 ** 20)} MiB`;
}
