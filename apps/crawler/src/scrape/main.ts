import { type ScrapeJob, scrapePage } from './page.ts';

/** The process of one scrape: a page that breaks out of anything finds neither keys nor Redis here. */

process.on('disconnect', () => process.exit(1));
process.once('message', async (job: ScrapeJob) => {
  const end = await scrapePage(job);
  process.send?.(end, () => process.exit(0));
});
