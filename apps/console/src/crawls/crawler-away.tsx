import { ClientError } from '@xnai/contracts/client';
import { Failure } from '../parts/notice.tsx';
import { texts } from '../texts.ts';

export interface CrawlerAwayProps {
  readonly error: unknown;
  readonly retry?: () => void;
}

/** A failure of the crawler, or that it is not there at all: the other panels work without it. */
export function CrawlerAway({ error, retry }: CrawlerAwayProps) {
  const said = saidOf(error instanceof ClientError ? error.code : undefined);
  if (said === undefined) return <Failure error={error} {...(retry && { retry })} />;
  return (
    <div class="problem" role="alert">
      {said}
    </div>
  );
}

function saidOf(code: string | undefined): string | undefined {
  const { away, notSet } = texts.crawls;
  if (code === 'CRAWLER_UNAVAILABLE' || code === 'BREAKER_OPEN') return away[code];
  return code === 'NOT_FOUND' ? notSet : undefined;
}
