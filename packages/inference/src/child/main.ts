import { ModelError } from '../model-error.ts';
import { MemoryShortage } from './fit-memory.ts';
import { loadModel } from './load-model.ts';
import type { LoadedModel } from './loaded-model.ts';
import type { ChildCommand, ChildEvent, ModelReply } from './messages.ts';
import { StartAgain } from './open-engine.ts';
import { paceReplies } from './pace-replies.ts';

/**
 * The process of one model. This folder alone imports node-llama-cpp, so that a native fault, the out-of-memory killer
 * or a hung driver ends this process and no other.
 */
const running = new Map<number, AbortController>();
const sendReply = paceReplies({ send });
let model: LoadedModel | undefined;

process.on('message', (command: ChildCommand) => void handle(command));
process.on('disconnect', () => process.exit(0));

async function handle(command: ChildCommand): Promise<void> {
  switch (command.type) {
    case 'ping':
      return send({ type: 'pong' });
    case 'share':
      return model?.share?.(command.isShared);
    case 'abort':
      return running.get(command.id)?.abort();
    case 'load':
      return load(command);
    case 'call':
      return call(command);
  }
}

async function load({ settings }: ChildCommand & { type: 'load' }): Promise<void> {
  try {
    model = await loadModel(settings, send);
    send({ type: 'ready', info: model.info });
  } catch (error) {
    if (error instanceof StartAgain) return send({ type: 'start-again', noDevice: error.noDevice });
    if (!(error instanceof ModelError)) throw error;
    const neededBytes = error instanceof MemoryShortage ? error.neededBytes : undefined;
    send({ type: 'unusable', detail: error.message, neededBytes });
  }
}

async function call({ id, call }: ChildCommand & { type: 'call' }): Promise<void> {
  const reply = (reply: ModelReply) => sendReply(id, reply);
  const controller = new AbortController();
  running.set(id, controller);
  try {
    if (model === undefined) throw new ModelError('MODEL_NOT_READY');
    await model.run(call, { signal: controller.signal, reply });
  } catch (error) {
    const { code, message } = error instanceof ModelError ? error : unexpected(error);
    reply({ kind: 'failed', code, detail: message });
  } finally {
    running.delete(id);
  }
}

function unexpected(error: unknown): ModelError {
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  send({ type: 'log', level: 'error', message });
  return new ModelError('MODEL_CRASHED', { detail: 'the inference engine failed' });
}

function send(event: ChildEvent): void {
  if (process.connected) process.send?.(event);
}
