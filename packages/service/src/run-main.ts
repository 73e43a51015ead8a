import { ConfigError } from './config.ts';
import { KeyFileError } from './key-file.ts';

/**
 * Runs a process's main function. What the operator can put right (configuration, key file) is printed as
 * a message; anything else with its stack. Exit code 1 either way.
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
    const isForOperator = error instanceof ConfigError || error instanceof KeyFileError;
    stderr.write(`${isForOperator ? error.message : ((error as Error).stack ?? String(error))}\n`);
    exit(1);
  }
}

export interface MainSeam {
  readonly stderr: { write(text: string): unknown };
  readonly exit: (code: number) => void;
}
