import { runJob } from '../crawl/open.ts';
import type { RunCrawl } from '../jobs/supervise.ts';

/** Runs a crawl in this process, which takes less time than to start one for it. */
export const runInline: RunCrawl = async ({ job, ...options }) => {
  try {
    return await runJob(job, options);
  } catch (error) {
    return { type: 'crashed', why: 'an error', stderr: String((error as Error).stack) };
  }
};
