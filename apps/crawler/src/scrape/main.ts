import { openParent } from '@xnai/service/parent';
import { borrowGate } from './lend-gate.ts';
import type { FromVisit, ToVisit } from './messages.ts';
import { visit } from './visit.ts';

/** The process of one visit: an attack by the page finds neither keys nor Redis in it. */

const unanswered = new Map<number, (answer: unknown) => void>();
let calls = 0;
const parent = openParent<ToVisit, FromVisit>(async (message) => {
  if (message.type === 'answer') {
    unanswered.get(message.number)?.(message.answer);
    unanswered.delete(message.number);
    return;
  }
  await parent.send({ type: 'end', end: await visit(message.job, gate) });
  process.exit(0);
});

const gate = borrowGate(
  (call) =>
    new Promise((resolve) => {
      calls += 1;
      unanswered.set(calls, resolve);
      void parent.send({ type: 'call', number: calls, call });
    }),
);
