import { threadTask } from '@xnai/service/thread-task';
import { cutTerms } from './cut-terms.ts';

/** Cutting a long document takes longer than the event loop may be held up. */
export const cut = threadTask(cutTerms);
