import type { Prompt } from '@xnai/inference';
import { judgePrompt } from './judge-prompt.ts';

interface Probe {
  readonly passage: string;
  readonly answered: string;
  /** Near to the passage, and not answered by it. */
  readonly unanswered: string;
}

const PROBES: readonly Probe[] = [
  {
    passage: 'Log files are kept for thirty days and are deleted after that.',
    answered: 'How long are log files kept?',
    unanswered: 'In which folder are log files written?',
  },
  {
    passage: 'The bridge over the river was opened in 1932. It carries two lanes for cars and one for trams.',
    answered: 'When was the bridge opened?',
    unanswered: 'Who designed the bridge?',
  },
  {
    passage: 'To reset the counter, hold the red button until the lamp goes out.',
    answered: 'How do I reset the counter?',
    unanswered: 'What does a new counter cost?',
  },
  {
    passage: 'The option --quiet hides messages. Errors are shown all the same.',
    answered: 'What does --quiet do?',
    unanswered: 'What does --verbose do?',
  },
  {
    passage: 'Tickets are sold at the main entrance only. Children under six need none.',
    answered: 'Where can I buy a ticket?',
    unanswered: 'How much is a ticket for adults?',
  },
  {
    passage: 'The default port of the daemon is 9418.',
    answered: 'Which port does the daemon use by default?',
    unanswered: 'How do I restart the daemon?',
  },
];

/** What a model is asked before it may judge: first all that it must say yes to, then the others. */
export function probePrompts(): readonly Prompt[] {
  const ask = (of: (probe: Probe) => string) => PROBES.map((probe) => judgePrompt(of(probe), probe.passage));
  return [...ask(({ answered }) => answered), ...ask(({ unanswered }) => unanswered)];
}

/**
 * The probability of yes that a passage must reach with this model, since models lean to yes or no by nature: half-way
 * between its answers to both kinds of probes, in log-odds. Undefined when the model cannot tell them apart: of all pairs
 * of one of each kind, fewer than {@link LEAST_IN_ORDER} are in order (the area under the ROC curve).
 */
export function readProbe(probabilities: readonly number[]): number | undefined {
  const yes = probabilities.slice(0, PROBES.length).map(logOdds);
  const no = probabilities.slice(PROBES.length).map(logOdds);
  const inOrder = yes.flatMap((high) => no.map((low) => (high > low ? 1 : 0)));
  if (mean(inOrder) < LEAST_IN_ORDER) return undefined;
  return 1 / (1 + Math.exp(-(mean(yes) + mean(no)) / 2));
}

/** Chance gives .5; a model that says yes to all gives 0. One probe of twelve on the wrong side of all others is let pass. */
const LEAST_IN_ORDER = 0.8;

function logOdds(probability: number): number {
  const bounded = Math.min(Math.max(probability, LEAST), 1 - LEAST);
  return Math.log(bounded / (1 - bounded));
}

const LEAST = 1e-6;

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
