import type { ChatMessage } from '@xnai/inference';

/**
 * Whether a chat is one that chat programs send for themselves: titles, tags, follow-up questions, search queries.
 * They are about the conversation and must not be answered from the index.
 */
export function isUiPrompt(messages: readonly ChatMessage[]): boolean {
  const last = messages.at(-1);
  return last?.role === 'user' && FORMS.some((form) => form.test(last.content));
}

const FORMS: readonly RegExp[] = [
  // Open WebUI begins all of its own prompts so, and quotes the chat in them.
  /^\s*### Task:\s[\s\S]*(### Chat History:|<chat_history>|### Output:)/,
  /\b(generate|create|write|give|provide)\b[^.?!\n]{0,40}\b(concise|short|brief)\b[^.?!\n]{0,60}\btitle\b[^.?!\n]{0,60}\b(chat|conversation)\b/i,
  // LibreChat, where the model is asked for JSON, and Continue.
  /\banalyze this conversation\b[\s\S]{0,120}\bconcise title\b/i,
  /\breply with a title for the (chat|conversation)\b/i,
  /\b(generate|create|suggest)\b[^.?!\n]{0,60}\b(tags|follow-up questions|search queries)\b[^.?!\n]{0,80}\b(chat|conversation)\b/i,
];
