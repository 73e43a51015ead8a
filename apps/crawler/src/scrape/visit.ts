import type { DegradedToken, PageReason, ScrapedPage } from '@xnai/contracts';
import { assertNothingExposed, type EgressCounts, openEgress } from '@xnai/egress';
import { isPageFailure } from '../page-failure.ts';
import { HostBusy, type HostGate } from '../redis/host-gate.ts';
import { type Outside, openPages, type PageSource } from './open-pages.ts';
import { type PageRequest, scrapePage } from './page.ts';
import { type Survey, type SurveyRequest, surveySite } from './survey.ts';

/** What a process may be sent out for, by its kind: the request, and what it comes back with. */
export interface Visits {
  readonly scrape: { readonly request: PageRequest; readonly result: Omit<ScrapedPage, keyof Remarks> };
  readonly survey: { readonly request: SurveyRequest; readonly result: Survey };
}

export type VisitKind = keyof Visits;

/** The complete input of a visit's process. */
export interface VisitJob<K extends VisitKind = VisitKind> extends Outside {
  readonly kind: K;
  readonly request: Visits[K]['request'];
}

/** What the process says of its visit itself. */
interface Remarks {
  readonly degraded: DegradedToken[];
  readonly warning?: string;
}

export type Visited<K extends VisitKind> = Visits[K]['result'] & Remarks;

export type VisitEnd<K extends VisitKind = VisitKind> = { readonly egress: EgressCounts } & (
  | { readonly type: 'done'; readonly result: Visited<K> }
  /** The page needed a browser, and that did not start. */
  | { readonly type: 'no-browser' }
  /** The turn at the host did not come in time. */
  | { readonly type: 'host-busy'; readonly retryMs: number }
  | VisitFailure
);

/** The error of the page, without its class, which does not cross processes. */
export interface VisitFailure {
  readonly type: 'failed';
  readonly reason: PageReason;
  readonly message: string;
  readonly retryable: boolean;
  readonly status?: number | undefined;
}

type Visitor<K extends VisitKind> = (
  request: Visits[K]['request'],
  pages: PageSource,
) => Promise<Visits[K]['result']>;

const VISITORS: { readonly [K in VisitKind]: Visitor<K> } = { scrape: scrapePage, survey: surveySite };

/** Does one short piece of work on the web. */
export async function visit<K extends VisitKind>(job: VisitJob<K>, gate: HostGate): Promise<VisitEnd<K>> {
  await using egress = await openEgress(job);
  assertNothingExposed();
  await using pages = openPages({ ...job, egress, gate }, job.request);
  try {
    const found = await VISITORS[job.kind](job.request, pages);
    return { type: 'done', result: { ...found, ...remarksOf(pages) }, egress: egress.counts() };
  } catch (error) {
    if (error instanceof HostBusy)
      return { type: 'host-busy', retryMs: error.retryMs, egress: egress.counts() };
    if (!isPageFailure(error)) throw error;
    if (error.code === 'render-failed' && pages.degraded.has('browser'))
      return { type: 'no-browser', egress: egress.counts() };
    const { code: reason, message, retryable, status } = error;
    return { type: 'failed', reason, message, retryable, status, egress: egress.counts() };
  }
}

function remarksOf({ degraded, warnings }: PageSource): Remarks {
  return { degraded: [...degraded], ...(warnings.size > 0 && { warning: [...warnings].join('; ') }) };
}
