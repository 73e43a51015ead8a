import type { EmbedResult } from '../model.ts';
import { checkModelName } from './model-name.ts';
import type { AskedServer, CallOf, ReplyOf } from './remote-calls.ts';
import { Embeddings, Ranking } from './server-answers.ts';
import { isTooLong, ServerFault } from './server-fault.ts';

/** Vectors of unit length, in the order of the texts; an empty one for a text that says nothing. */
export async function embedRemotely(
  call: CallOf<'embed'>,
  server: AskedServer,
  signal: AbortSignal,
): Promise<ReplyOf<'vectors'>> {
  const said = call.texts.filter((text) => text.trim() !== '');
  const read = said.length === 0 ? NOTHING : await embedOrDivide({ ...call, texts: said }, server, signal);
  let at = 0;
  const places = call.texts.map((text) => (text.trim() === '' ? -1 : at++));
  return {
    kind: 'vectors',
    vectors: places.map((place) => read.vectors[place] ?? new Float32Array()),
    parts: places.map((place) => read.parts[place] ?? 1),
    tokens: read.tokens,
  };
}

const NOTHING: EmbedResult = { vectors: [], parts: [], tokens: 0 };

/** Only the server knows what is too long for its model: such a text is read by halves, and its vector is their mean. */
async function embedOrDivide(
  call: CallOf<'embed'>,
  server: AskedServer,
  signal: AbortSignal,
): Promise<EmbedResult> {
  try {
    return await embedWhole(call, server, signal);
  } catch (error) {
    const isLong = error instanceof ServerFault && error.kind === 'refused' && isTooLong(error);
    const [first = '', ...others] = call.texts;
    if (!isLong || call.onOverflow === 'refuse' || (others.length === 0 && first.length < LEAST_DIVIDED))
      throw error;
    const divided = others.length > 0 ? call.texts.map((text) => [text]) : [halvesOf(first)];
    const read: EmbedResult[] = [];
    for (const texts of divided) read.push(await embedOrDivide({ ...call, texts }, server, signal));
    return others.length > 0 ? joined(read) : meanOf(read[0] ?? NOTHING);
  }
}

/** Half of it fits into any context. */
const LEAST_DIVIDED = 200;

function halvesOf(text: string): readonly string[] {
  const middle = text.indexOf(' ', Math.floor(text.length / 2));
  const at = middle === -1 ? Math.ceil(text.length / 2) : middle;
  return [text.slice(0, at), text.slice(at)].filter((half) => half.trim() !== '');
}

function joined(results: readonly EmbedResult[]): EmbedResult {
  return {
    vectors: results.flatMap(({ vectors }) => vectors),
    parts: results.flatMap(({ parts }) => parts),
    tokens: results.reduce((sum, { tokens }) => sum + tokens, 0),
  };
}

function meanOf({ vectors, parts, tokens }: EmbedResult): EmbedResult {
  const sum = Array.from(vectors[0] ?? [], (_, n) => vectors.reduce((all, one) => all + (one[n] ?? 0), 0));
  return { vectors: [toUnit(sum)], parts: [parts.reduce((all, one) => all + one, 0)], tokens };
}

/** Longer than a processor takes for a text of a whole context. Somebody waits for a question: a server that hangs must not take minutes. */
const READ_MS = { least: 10_000, each: 4_000 };

async function embedWhole(
  { texts, prefix }: CallOf<'embed'>,
  { client, info }: AskedServer,
  signal: AbortSignal,
): Promise<EmbedResult> {
  const body = { model: info.id, input: texts.map((text) => prefix + text), encoding_format: 'float' };
  const timeoutMs = READ_MS.least + READ_MS.each * texts.length;
  const answer = await client.ask('/embeddings', { body, schema: Embeddings, signal, timeoutMs });
  checkModelName(answer.model, info.id);
  const data = inOrder(answer.data, texts.length, 'vectors');
  return {
    vectors: data.map(({ embedding }) => toUnit(embedding, info.dimensions)),
    parts: texts.map(() => 1),
    tokens: answer.usage?.prompt_tokens ?? 0,
  };
}

/** A text that is too long for the server's model is as good as the better of its halves. */
export async function rerankRemotely(
  call: CallOf<'rerank'>,
  server: AskedServer,
  signal: AbortSignal,
): Promise<ReplyOf<'scores'>> {
  try {
    return await rerankWhole(call, server, signal);
  } catch (error) {
    const isLong = error instanceof ServerFault && error.kind === 'refused' && isTooLong(error);
    const [first = '', ...others] = call.texts;
    if (!isLong || (others.length === 0 && first.length < LEAST_DIVIDED)) throw error;
    const isOne = others.length === 0;
    const divided = isOne ? halvesOf(first) : call.texts;
    const read: ReplyOf<'scores'>[] = [];
    for (const text of divided) read.push(await rerankRemotely({ ...call, texts: [text] }, server, signal));
    const scores = read.flatMap((one) => one.scores);
    const tokens = read.reduce((sum, one) => sum + one.tokens, 0);
    return { kind: 'scores', scores: isOne ? [Math.max(...scores)] : scores, tokens };
  }
}

async function rerankWhole(
  { query, texts }: CallOf<'rerank'>,
  { client, info, can }: AskedServer,
  signal: AbortSignal,
): Promise<ReplyOf<'scores'>> {
  const body = { model: info.id, query, documents: texts, top_n: texts.length };
  const timeoutMs = READ_MS.least + READ_MS.each * texts.length;
  const answer = await client.ask('/rerank', { body, schema: Ranking, signal, timeoutMs });
  checkModelName(answer.model, info.id);
  const scores = inOrder(answer.results, texts.length, 'scores').map(({ relevance_score: score }) => score);
  return {
    kind: 'scores',
    scores: can.scoresAreLogits ? scores.map((score) => 1 / (1 + Math.exp(-score))) : scores,
    tokens: answer.usage?.prompt_tokens ?? 0,
  };
}

/** Exactly one for each text. */
function inOrder<Item extends { readonly index: number }>(
  items: readonly Item[],
  count: number,
  what: string,
): readonly Item[] {
  const sorted = [...items].sort((a, b) => a.index - b.index);
  if (sorted.length === count && sorted.every(({ index }, at) => index === at)) return sorted;
  if (sorted.length !== count)
    throw new ServerFault('failed', `gave ${items.length} ${what} for ${count} texts`);
  throw new ServerFault('failed', `gave ${what} that are not numbered from 0 to ${count - 1}`);
}

function toUnit(values: readonly number[], dimensions?: number): Float32Array {
  if (dimensions !== undefined && values.length !== dimensions)
    throw new ServerFault('failed', `gave a vector of ${values.length} dimensions instead of ${dimensions}`);
  const length = Math.hypot(...values);
  if (!Number.isFinite(length)) throw new ServerFault('failed', 'gave a vector whose length is no number');
  return Float32Array.from(values, (value) => (length > 0 ? value / length : 0));
}
