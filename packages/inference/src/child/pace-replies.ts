import { type Event, isFinal, type Reply } from '../process/ipc.ts';

export interface PaceOptions {
  readonly send: (event: Event) => void;
  /** A clock that only goes forward, in milliseconds. */
  readonly nowMs?: () => number;
}

/** Sends replies; those of one call keep their order. */
export type SendReply = (id: number, reply: Reply) => void;

type Text = Extract<Reply, { kind: 'text' }>;

/**
 * The first words of a call, which somebody waits for, are sent as they come; what follows is sent 30 times a second,
 * for all calls together. Each message wakes this process's parent and its client, on cores that the engine counts on:
 * sent token by token, a small model on two cores writes up to a fifth slower.
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

  function wait(id: number, { text, tokens }: Text): void {
    const before = waiting.get(id);
    waiting.set(id, {
      kind: 'text',
      text: (before?.text ?? '') + text,
      tokens: (before?.tokens ?? 0) + tokens,
    });
    const writtenTokens = (written.get(id) ?? 0) + tokens;
    written.set(id, writtenTokens);
    if (writtenTokens <= FIRST_TOKENS || nowMs() - sentAtMs >= TEXT_EVERY_MS) flush();
    // Tokens come at any pace: what was written last waits no longer for a late one.
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
