import { context } from '@opentelemetry/api';
import type { FastifyReply } from 'fastify';

export type AnswerEnd = 'sent' | 'aborted';

/**
 * Calls back once, in the trace of the caller: when the whole response has been sent, or when its connection has closed
 * before that.
 */
export function onAnswerEnd({ raw }: FastifyReply, onEnd: (end: AnswerEnd) => void): void {
  const listener = context.bind(context.active(), onEnd);
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
