import { openParent } from '@xnai/service/parent';
import { PendingCalls } from '../pending-calls.ts';
import { borrowGate } from './lend-gate.ts';
import type { FromVisit, ToVisit } from './messages.ts';
import { visit } from './visit.ts';

/** The process of one visit: an attack by the page finds neither keys nor Redis in it. */

const calls = new PendingCalls();
const parent = openParent<ToVisit, FromVisit>(async (message) => {
  if (message.type === 'answer') return calls.settle(message);
  await parent.send({ type: 'end', end: await visit(message.job, gate) });
  process.exit(0);
});

const gate = borrowGate((call) => calls.open((number) => void parent.send({ type: 'call', number, call })));
