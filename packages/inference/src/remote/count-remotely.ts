import type { Prompt } from '../model.ts';
import type { AskedServer, CallOf, ReplyOf } from './remote-calls.ts';
import { Tokens } from './server-answers.ts';

/**
 * Tokens by the server's own tokenizer, where it has a route for that; else estimated, and rather too many than too few,
 * so that what is fitted into the context by it fits.
 */
export async function countRemotely(
  call: CallOf<'count' | 'count-prompt'>,
  server: AskedServer,
  signal: AbortSignal,
): Promise<ReplyOf<'counts'>> {
  if (call.kind === 'count')
    return {
      kind: 'counts',
      counts: await Promise.all(call.texts.map((text) => countText(text, server, signal))),
    };
  const { texts, frame } = partsOf(call.prompt);
  const counts = await Promise.all(texts.map((text) => countText(text, server, signal)));
  return { kind: 'counts', counts: [counts.reduce((sum, count) => sum + count, frame)] };
}

/** @throws {ServerFault} when the server has no such route */
export function askTokenizer(
  text: string,
  { client, info }: Pick<AskedServer, 'client' | 'info'>,
  signal: AbortSignal,
) {
  // vLLM and SGLang read `prompt`, llama-server `content`.
  const body = { model: info.id, prompt: text, content: text, add_special_tokens: false, add_special: false };
  return client.ask('//tokenize', { body, schema: Tokens, signal, timeoutMs: TOKENIZE_MS });
}

const TOKENIZE_MS = 5_000;

async function countText(text: string, server: AskedServer, signal: AbortSignal): Promise<number> {
  if (!server.can.counts) return estimateTokens(text);
  try {
    return await askTokenizer(text, server, signal);
  } catch {
    signal.throwIfAborted();
    return estimateTokens(text);
  }
}

/** English has over four bytes a token in common vocabularies, Cyrillic and Chinese about three. */
export function estimateTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / 3);
}

/** What a chat template writes around each message, and at the end, with all that are common. */
const AROUND_MESSAGE = 8;

function partsOf(prompt: Prompt): { readonly texts: readonly string[]; readonly frame: number } {
  if (prompt.kind === 'text') return { texts: [prompt.text], frame: 1 };
  const tools = prompt.tools === undefined ? [] : [JSON.stringify(prompt.tools)];
  const calls = prompt.messages.flatMap(({ calls: made = [] }) =>
    made.length === 0 ? [] : [JSON.stringify(made)],
  );
  const texts = [...prompt.messages.map(({ content }) => content), ...tools, ...calls];
  return { texts, frame: AROUND_MESSAGE * (texts.length + 1) };
}
