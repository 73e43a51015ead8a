import { ClientError } from '@xnai/contracts/client';
import { explain } from '../api.ts';
import { Failure } from '../parts/notice.tsx';
import { texts } from '../texts.ts';

export interface CrawlerAwayProps {
  readonly error: unknown;
  readonly retry?: () => void;
}

/** A failure of the crawler, or that it is not there at all: the other panels work without it. */
export function CrawlerAway({ error, retry }: CrawlerAwayProps) {
  const code = error instanceof ClientError ? error.code : undefined;
  const isAway = code === 'CRAWLER_UNAVAILABLE' || code === 'BREAKER_OPEN';
  if (!isAway && code !== 'NOT_FOUND') return <Failure error={error} {...(retry && { retry })} />;
  return (
    <div class="problem" role="alert">
      {isAway ? texts.crawls.away(explain(error)) : texts.crawls.notSet}
    </div>
  );
}
