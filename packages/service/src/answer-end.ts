import type { FastifyReply } from 'fastify';

export type AnswerEnd = 'sent' | 'aborted';

/** Calls back once: when all of the answer has been handed over, or when its connection closed before. */
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
