import { type ChildEvent, isFinal, type ModelReply } from './messages.ts';

export interface PaceOptions {
  readonly send: (event: ChildEvent) => void;
  /** A monotonic clock. */
  readonly nowMs?: () => number;
}

/** Sends replies; the replies of one call keep their order. */
export type SendReply = (id: number, reply: ModelReply) => void;

type Text = Extract<ModelReply, { kind: 'text' }>;

/**
 * Sends the first words of a call at once, because somebody waits for them, and all further text 30 times a second, for
 * all calls together. Each message wakes the service and its client, on cores that the engine computes on: sending
 * token by token makes a small model on two cores up to a fifth slower.
 */
export function paceReplies({ send, nowMs = () => performance.now() }: PaceOptions): SendReply {
  const written = new Map<number, number>();
  const waiting = new Map<number, Text>();
  let sentAtMs = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    sentAtMs = nowMs();
    for (const [id, reply] of waiting) send({ type: 'reply', id, reply });
    waiting.clear();
  }

  function wait(id: number, { part, text, tokens }: Text): void {
    if (part !== (waiting.get(id)?.part ?? part)) flush();
    const before = waiting.get(id);
    waiting.set(id, {
      kind: 'text',
      part,
      text: (before?.text ?? '') + text,
      tokens: (before?.tokens ?? 0) + tokens,
    });
    const writtenTokens = (written.get(id) ?? 0) + tokens;
    written.set(id, writtenTokens);
    if (writtenTokens <= FIRST_TOKENS || nowMs() - sentAtMs >= TEXT_EVERY_MS) flush();
    // The next token may be slow: the text written last does not wait for it.
    else timer ??= setTimeout(flush, TEXT_EVERY_MS);
  }

  return (id, reply) => {
    if (reply.kind === 'text') return wait(id, reply);
    if (waiting.has(id)) flush();
    if (isFinal(reply)) written.delete(id);
    send({ type: 'reply', id, reply });
  };
}

const FIRST_TOKENS = 16;
const TEXT_EVERY_MS = 33;
