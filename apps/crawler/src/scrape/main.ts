import { openParent } from '@xnai/service/parent';
import { type ScrapeEnd, type ScrapeJob, scrapePage } from './page.ts';

/** The process of one scrape: an attack by the page finds neither keys nor Redis in it. */

const parent = openParent<ScrapeJob, ScrapeEnd>(async (job) => {
  await parent.send(await scrapePage(job));
  process.exit(0);
});
