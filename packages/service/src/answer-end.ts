import type { FastifyReply } from 'fastify';

export type AnswerEnd = 'sent' | 'aborted';

/** Calls back once: when the whole response has been sent, or when its connection has closed before that. */
export function onAnswerEnd({ raw }: FastifyReply, listener: (end: AnswerEnd) => void): void {
  function onFinish(): void {
    raw.off('close', onClose);
    listener('sent');
  }
  function onClose(): void {
    raw.off('finish', onFinish);
    listener('aborted');
  }
  raw.once('finish', onFinish);
  raw.once('close', onClose);
}
