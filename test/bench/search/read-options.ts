import { type ParseArgsConfig, parseArgs } from 'node:util';

const COUNTS = {
  chunks: { type: 'string', default: '10000' },
  clients: { type: 'string', default: '4' },
  writers: { type: 'string', default: '8' },
  rounds: { type: 'string', default: '3' },
  questions: { type: 'string', default: '300' },
} as const;

/** The counts of the search benches, and the other options of one. */
export function readOptions<Others extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  others: Others,
) {
  const { values } = parseArgs({ args: [...args], options: { ...COUNTS, ...others } });
  const { chunks, clients, writers, rounds, questions } = values as Record<keyof typeof COUNTS, string>;
  return {
    ...values,
    chunks: Number(chunks),
    clients: Number(clients),
    writers: Number(writers),
    rounds: Number(rounds),
    questions: Number(questions),
  };
}
