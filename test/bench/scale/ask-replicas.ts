import { middleOf } from '../report.ts';
import { untilServed } from '../support/until-served.ts';
import { askAll } from './ask-clients.ts';
import type { Engine } from './engine.ts';

const CLIENTS = 16;

export interface Replicas {
  readonly engine: Engine;
  readonly model: string;
  readonly questions: readonly string[];
  readonly rounds: number;
}

/** One rag and two on the same database, by turns, with the same number of clients in all. */
export async function askReplicas({ engine, model, questions, rounds }: Replicas) {
  await using second = await engine.another({ RAG_EMBED_MODEL: model, XNAI_REPLICA: 'second' });
  const both = [engine.rag, second];
  const ask = { mode: 'hybrid' as const, questions, clients: CLIENTS };
  const few = questions.slice(0, 30);
  await untilServed(() => askAll(engine, { ...ask, questions: few, rags: [second] }));
  const raw: { readonly one: number; readonly two: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    const one = (await askAll(engine, ask)).perSecond;
    raw.push({ one, two: (await askAll(engine, { ...ask, rags: both })).perSecond });
  }
  const rows = [
    middleOf(
      `hybrid, ${CLIENTS} clients: one replica`,
      raw.map(({ one }) => one),
      '1/s',
    ),
    middleOf(
      `hybrid, ${CLIENTS} clients: two replicas`,
      raw.map(({ two }) => two),
      '1/s',
    ),
    middleOf(
      'two replicas to one',
      raw.map(({ one, two }) => two / one),
      'times',
    ),
  ];
  return { raw, rows };
}
