import type { ModelCall, ModelReply } from '../child/messages.ts';
import type { ModelCallOptions, ModelInfo, ModelRole, ModelState } from '../model.ts';
import type { ModelErrorCode } from '../model-error.ts';
import { askProcess } from '../process/ask-process.ts';
import { NOT_READY, type RoleProcess } from '../process/role-process.ts';
import { compareEmbedders } from './compare-embedders.ts';
import type { RemoteProcess } from './remote-process.ts';

/**
 * The model servers, and a local model where none of them can be asked: while they are away, and for a call that fails
 * before its first word. A local embedder takes part only once it was seen to make the same vectors.
 */
export function createStandIn(role: ModelRole, remote: RemoteProcess, local: RoleProcess): RoleProcess {
  const isSame = role === 'embed' ? compareEmbedders(remote, local) : () => true;
  const listeners: (() => void)[] = [];
  const mayStandIn = () => local.state().status === 'ready' && isSame();
  const isAway = () => remote.state().status !== 'ready';
  remote.onReady(() => tell(listeners));
  local.onReady(() => {
    if (isAway()) tell(listeners);
  });
  /** The last call that the servers failed was made here; until one of them answers again. */
  let isPassedOn = false;
  const process: RoleProcess = {
    state() {
      const servers = remote.state();
      const { status } = local.state();
      if (status !== 'ready') return servers;
      if (!isSame()) return { ...servers, detail: `${servers.detail}; ${OTHER_VECTORS}` };
      if (servers.status !== 'ready' || isPassedOn) return standingIn(local.state(), servers);
      return { ...servers, detail: `${servers.detail}; a local model stands by` };
    },
    info: () =>
      isAway() && mayStandIn()
        ? underName(role, remote.info(), local.info())
        : (remote.info() ?? local.info()),
    servers: () => remote.servers(),
    onReady: (listener) => void listeners.push(listener),
    share: (isShared) => local.share(isShared),
    call: (call, onReply) => (isAway() ? local.call(call, marked(onReply)) : callWithStandIn(call, onReply)),
    ask: (call: ModelCall, options?: ModelCallOptions) =>
      askProcess(process, NOT_READY[role], { call, ...options }),
  };

  function callWithStandIn(call: ModelCall, onReply: OnReply): { abort(): void } {
    let hasBegun = false;
    let isAborted = false;
    let running = remote.call(call, (reply) => {
      hasBegun ||= reply.kind === 'text';
      if (SHOWS_SERVICE.has(reply.kind)) isPassedOn = false;
      const isPassed = reply.kind === 'failed' && PASSED_ON.has(reply.code) && reply.retryable !== false;
      if (!isPassed || hasBegun || isAborted || !mayStandIn()) return onReply(reply);
      isPassedOn = true;
      running = local.call(call, marked(onReply));
    });
    return {
      abort() {
        isAborted = true;
        running.abort();
      },
    };
  }
  return process;
}

type OnReply = (reply: ModelReply) => void;

/** What a person gets from the local model says so, whatever other calls meet meanwhile. */
function marked(onReply: OnReply): OnReply {
  return (reply) => {
    const isResult = reply.kind === 'finished' || reply.kind === 'vectors' || reply.kind === 'scores';
    onReply(isResult ? { ...reply, isStandIn: true } : reply);
  };
}

const OTHER_VECTORS = 'the local model does not stand in, as it was not seen to make the same vectors';

/** Replies that only a server that answers gives: tokens are counted without it, too. */
const SHOWS_SERVICE: ReadonlySet<ModelReply['kind']> = new Set([
  'started',
  'text',
  'vectors',
  'scores',
  'judged',
]);

const PASSED_ON: ReadonlySet<ModelErrorCode> = new Set([
  'MODEL_SERVER_FAILED',
  'BREAKER_OPEN',
  'OVERLOADED',
  'MODEL_NOT_READY',
  'EMBEDDER_NOT_READY',
  'RERANKER_NOT_READY',
]);

function standingIn(local: ModelState, away: ModelState): ModelState {
  return {
    status: 'ready',
    isStandIn: true,
    detail: `a local model stands in: ${local.detail}; ${away.detail}`,
  };
}

/** Vectors of a stand-in belong to those of the servers. */
function underName(role: ModelRole, remote: ModelInfo | undefined, local: ModelInfo | undefined) {
  return role === 'embed' ? remote : local;
}

function tell(listeners: readonly (() => void)[]): void {
  for (const listener of listeners) listener();
}
