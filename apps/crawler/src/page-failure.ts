import { FetchError, type RobotsVerdict } from '@xnai/egress';
import { explainFailure } from './explain-failure.ts';
import { PageError } from './page-error.ts';

/** True for an error whose code is the reason of a page that was not taken. */
export function isPageFailure(error: unknown): error is PageError | FetchError {
  return error instanceof PageError || error instanceof FetchError;
}

/** Why a site that does not say whether it may be fetched is left alone; undefined where it does say. */
export function robotsCause({ failure }: RobotsVerdict): string | undefined {
  return failure && `robots.txt could not be fetched, ${explainFailure(failure)}`;
}

/** @throws {PageError} with the reason of the verdict, when robots.txt does not let the URL be fetched */
export function assertAllowed(verdict: RobotsVerdict, url: string): void {
  const { reason } = verdict;
  if (reason !== undefined) throw new PageError(reason, { url, detail: robotsCause(verdict) });
}
