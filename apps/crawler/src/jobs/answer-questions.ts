import type { CrawlRequest } from '@xnai/contracts';
import type { Logger } from '@xnai/service';
import { type Answers, type Ask, type KnownPage, knownPageOf, type Question } from '../crawl/known-pages.ts';
import type { GuardedRag } from '../deliver/guarded-rag.ts';

export interface AnswerDeps {
  readonly rag: Pick<GuardedRag, 'addresses' | 'links'>;
  readonly log: Pick<Logger, 'warn'>;
}

/** Answers what the process of a crawl asks about its collection; that process has no key of rag. */
export function answerQuestions(
  { rag, log }: AnswerDeps,
  { collection }: Pick<CrawlRequest, 'collection'>,
  signal: AbortSignal,
): Ask {
  const answer = async (question: Question): Promise<Answers[Question['kind']]> => {
    if (question.kind === 'links') return rag.links(collection, question.id, signal);
    const list = async (prefix: string | undefined) => {
      const known: KnownPage[] = [];
      for await (const page of rag.addresses(collection, prefix, signal))
        known.push(...page.map(knownPageOf));
      return known;
    };
    return (await Promise.all(prefixesOf(question.url).map(list))).flat();
  };
  return (question) =>
    answer(question).catch((err: unknown) => {
      if (!signal.aborted)
        log.warn({ err, question: question.kind }, 'rag could not be asked for known pages');
      return undefined;
    }) as never;
}

/** `www.` and the step from http to https do not make another site. */
function prefixesOf(url: string | undefined): readonly (string | undefined)[] {
  if (url === undefined) return [undefined];
  const host = new URL(url).host.replace(/^www\./, '');
  return ['http://', 'https://', 'http://www.', 'https://www.'].map((start) => `${start}${host}/`);
}
