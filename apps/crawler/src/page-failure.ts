import { FetchError, type RobotsVerdict } from '@xnai/egress';
import { PageError } from './page-error.ts';

/** True for an error whose code is the reason of a page that was not taken. */
export function isPageFailure(error: unknown): error is PageError | FetchError {
  return error instanceof PageError || error instanceof FetchError;
}

/** @throws {PageError} with the reason of the verdict, when robots.txt does not let the URL be fetched */
export function assertAllowed({ reason }: RobotsVerdict, url: string): void {
  if (reason !== undefined) throw new PageError(reason, { url });
}
