import type { ChatMessage } from '@xnai/inference';
import type { Turn } from '../ask/follow-up/topic.ts';

export interface Conversation {
  /** The last message of the user. */
  readonly question: string;
  readonly before: readonly Turn[];
}

/** A chat as questions and answers; what the system says is left out. */
export function conversationOf(messages: readonly ChatMessage[]): Conversation {
  const turns: Turn[] = [];
  for (const { role, content } of messages) {
    const last = turns.at(-1);
    if (role === 'user') turns.push({ question: content.trim(), answer: '' });
    if (role === 'assistant' && last !== undefined)
      turns[turns.length - 1] = { ...last, answer: `${last.answer}${content}` };
  }
  return { question: turns.at(-1)?.question ?? '', before: turns.slice(0, -1) };
}
