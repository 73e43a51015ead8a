import { threadTask } from '@xnai/service/thread-task';
import { countLists, scoreLists } from './score-lists.ts';

/** To go through millions of postings takes longer than the event loop may be held up. */
export const score = threadTask(scoreLists);
export const count = threadTask(countLists);
