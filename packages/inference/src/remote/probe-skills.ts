import type { LoadedInfo } from '../child/messages.ts';
import { chatFields, NO_THOUGHT, schemaFormat } from './chat-body.ts';
import { askTokenizer } from './count-remotely.ts';
import { checkModelName } from './model-name.ts';
import type { ServerSkills } from './remote-calls.ts';
import { Chat } from './server-answers.ts';
import type { ServerClient } from './server-client.ts';
import { ServerFault } from './server-fault.ts';

export const NO_SKILLS: ServerSkills = {
  holdsSchema: false,
  switchesThought: false,
  counts: false,
  scoresAreLogits: false,
};

/**
 * Lets the model write a few words, and finds out what the server takes: first with all that a request may hold, then
 * with less, until it answers.
 *
 * @throws {ServerFault} when it does not answer even the plainest question
 */
export async function probeSkills(
  client: ServerClient,
  info: LoadedInfo,
  signal: AbortSignal,
): Promise<ServerSkills> {
  const counts = await askTokenizer(QUESTION, { client, info }, signal).then(
    (tokens) => tokens > 0,
    () => false,
  );
  signal.throwIfAborted();
  let last: unknown;
  for (const [asksSchema, switchesThought] of LESS_AND_LESS) {
    const body = {
      model: info.id,
      ...chatFields(PROMPT, { can: NO_SKILLS }, true),
      ...(switchesThought ? NO_THOUGHT : {}),
      ...(asksSchema ? { response_format: schemaFormat(SCHEMA) } : {}),
      max_tokens: 256,
      temperature: 0,
    };
    const answer = await client
      .ask('/chat/completions', { body, schema: Chat, signal })
      .catch((error: unknown) => {
        last = error;
        return unlessAnswered(error);
      });
    if (answer === undefined) continue;
    checkModelName(answer.model, info.id);
    const isHeld = (answer.choices[0]?.message.content ?? '').trimStart().startsWith('{');
    return { ...NO_SKILLS, counts, switchesThought, holdsSchema: asksSchema && isHeld };
  }
  if (last instanceof ServerFault && last.kind === 'failed') throw last;
  throw new ServerFault('failed', 'refuses even a plain question');
}

/** A schema, and the switch of thoughts. */
const LESS_AND_LESS = [
  [true, true],
  [true, false],
  [false, true],
  [false, false],
] as const;

const QUESTION = 'Is the sky blue? Answer in a few words.';
const PROMPT = { kind: 'chat', messages: [{ role: 'user', content: QUESTION }] } as const;

/** A model that is not held to it answers this question otherwise. */
const SCHEMA = {
  type: 'object',
  properties: { blue: { type: 'boolean' } },
  required: ['blue'],
  additionalProperties: false,
};

/** Some servers answer 500 to what they do not know. */
function unlessAnswered(error: unknown): undefined {
  if (error instanceof ServerFault && (error.kind === 'refused' || (error.status ?? 0) >= 500))
    return undefined;
  throw error;
}
