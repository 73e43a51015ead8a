import { atLeast, type Row } from '../report.ts';
import type { ManualReport } from './manuals.ts';
import type { Figures } from './metrics.ts';

/** Figures below which a release does not go, each a little under what was reached when it was set. */
const LEAST_NDCG: Readonly<Record<string, number>> = { cranfield: 0.38, cacm: 0.478, vaswani: 0.432 };
const MANUALS = {
  howToMrr: 0.7,
  gitMrr: 0.75,
  facts: 0.6,
  factsInFull: 0.63,
  named: 18,
  plain: 8,
  falselyRefused: 0.03,
};

/** `name`: that of the set's folder. */
export function rankRows(name: string, { ndcg10, recall100, mrr10 }: Figures): readonly Row[] {
  const least = LEAST_NDCG[name];
  const ndcg = { what: 'nDCG@10', value: ndcg10, unit: '' };
  return [
    least === undefined ? ndcg : atLeast(ndcg.what, ndcg.value, ndcg.unit, least),
    { what: 'Recall@100', value: recall100, unit: '' },
    { what: 'MRR@10', value: mrr10, unit: '' },
  ];
}

export function manualRows(report: ManualReport): readonly Row[] {
  const { howTo, git, named, plain } = report.outcomes;
  const { falselyRefused } = report;
  return [
    atLeast(`MRR of the page, ${howTo.length} how-to questions`, report.howToMrr, '', MANUALS.howToMrr),
    atLeast(`MRR of the page, ${git.length} questions over git`, report.gitMrr, '', MANUALS.gitMrr),
    atLeast('answers with the fact, how-to, short', report.howToFacts, '', MANUALS.facts),
    atLeast('answers with the fact, how-to, full', report.howToFactsInFull, '', MANUALS.factsInFull),
    { what: 'answers with the fact, git, short', value: report.gitFacts, unit: '' },
    { what: 'answers with the fact, git, full', value: report.gitFactsInFull, unit: '' },
    { what: 'length of an answer, how-to, short', value: report.meanChars, unit: 'chars' },
    { what: 'length of an answer, how-to, full', value: report.meanCharsInFull, unit: 'chars' },
    atLeast(`refused of ${named.length} that name nothing`, report.namedRefused, '', MANUALS.named),
    atLeast(`refused of ${plain.length} about other things`, report.plainRefused, '', MANUALS.plain),
    {
      what: 'falsely refused, how-to',
      value: falselyRefused,
      unit: '',
      aim: `at most ${MANUALS.falselyRefused}`,
      isMet: falselyRefused <= MANUALS.falselyRefused,
    },
  ];
}
