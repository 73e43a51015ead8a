import { ModelError } from '../model-error.ts';
import type { LoadedModel } from './loaded-model.ts';
import type { ModelCall, ModelReply } from './messages.ts';
import { QUESTION_SETS, type QuestionSet } from './probe-questions.ts';
import { whyScoresMeanNothing, whyVectorsMeanNothing } from './probe-verdict.ts';

/** The model computes, and what it computes means nothing: the fault of its file, or of the device that it runs on. */
export class MeaninglessModel extends ModelError {
  constructor(detail: string) {
    super('MODEL_UNUSABLE', { detail });
  }
}

/**
 * The model, once it has told the right passages from others as it would for a search. Models exist that load and give
 * noise: converted without their classifier, for example, or computed by a broken driver.
 *
 * @throws {MeaninglessModel} when it does so in no language of {@link QUESTION_SETS}
 */
export async function probeModel(model: LoadedModel): Promise<LoadedModel> {
  const probe = model.info.embedding === undefined ? probeReranker : probeEmbedder;
  let first: string | undefined;
  for (const set of QUESTION_SETS) {
    const reason = await probe(model, set);
    if (reason === undefined) return model;
    first ??= reason;
  }
  throw new MeaninglessModel(`${model.info.id} cannot be trusted: ${first}`);
}

async function probeEmbedder(model: LoadedModel, set: QuestionSet): Promise<string | undefined> {
  const { query = '', document = '' } = model.info.embedding?.prefixes ?? {};
  const embed = async (texts: readonly string[], prefix: string) => {
    const reply = await ask(model, { kind: 'embed', texts, prefix, onOverflow: 'refuse' });
    return reply?.kind === 'vectors' ? reply.vectors : [];
  };
  const questions = await embed(
    set.map(({ question }) => question),
    query,
  );
  const passages = await embed(
    set.map(({ passage }) => passage),
    document,
  );
  return whyVectorsMeanNothing(questions, passages);
}

/** Each of them costs three texts, which a large reranker reads slowly. */
const RANKED = 8;

async function probeReranker(model: LoadedModel, all: QuestionSet): Promise<string | undefined> {
  const set = all.slice(0, RANKED);
  const rows: (readonly number[])[] = [];
  for (const [index, { question }] of set.entries()) {
    const others = [3, 5].map((step) => set[(index + step) % set.length]);
    const texts = [set[index], ...others].flatMap((pair) => pair?.passage ?? []);
    const reply = await ask(model, { kind: 'rerank', query: question, texts });
    rows.push(reply?.kind === 'scores' ? reply.scores : []);
  }
  return whyScoresMeanNothing(rows);
}

async function ask(model: LoadedModel, call: ModelCall): Promise<ModelReply | undefined> {
  const replies: ModelReply[] = [];
  const { signal } = new AbortController();
  await model.run(call, { signal, reply: (reply) => replies.push(reply) });
  return replies.at(-1);
}
