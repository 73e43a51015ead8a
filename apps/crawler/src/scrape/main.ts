import { openParent } from '@xnai/service/parent';
import { type VisitEnd, type VisitJob, visit } from './visit.ts';

/** The process of one visit: an attack by the page finds neither keys nor Redis in it. */

const parent = openParent<VisitJob, VisitEnd>(async (job) => {
  await parent.send(await visit(job));
  process.exit(0);
});
