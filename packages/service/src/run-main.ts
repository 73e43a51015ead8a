import { ConfigError } from './config.ts';
import { KeyFileError } from './key-file.ts';

/**
 * Runs a process's main function. An error that the operator can correct (configuration, key file, and any error with
 * `forOperator: true`) is printed as a message, any other one with its stack. The exit code is 1 in both cases.
 *
 * @example await runMain(async () => { const config = readConfig(Config); ... });
 */
export async function runMain(
  main: () => Promise<unknown>,
  { stderr, exit }: MainSeam = { stderr: process.stderr, exit: (code) => process.exit(code) },
): Promise<void> {
  try {
    await main();
  } catch (error) {
    stderr.write(`${isForOperator(error) ? error.message : ((error as Error).stack ?? String(error))}\n`);
    exit(1);
  }
}

function isForOperator(error: unknown): error is Error {
  if (error instanceof ConfigError || error instanceof KeyFileError) return true;
  return error instanceof Error && 'forOperator' in error && error.forOperator === true;
}

export interface MainSeam {
  readonly stderr: { write(text: string): unknown };
  readonly exit: (code: number) => void;
}
