import { Command, CommanderError } from 'commander';
import type { Terminal } from './command.ts';
import { addAdd } from './commands/add.ts';
import { addAsk, addSearch } from './commands/ask.ts';
import { addAudit } from './commands/audit.ts';
import { addBackup } from './commands/backup.ts';
import { addCollections } from './commands/collections.ts';
import { addCompletion } from './commands/completion.ts';
import { addCrawl } from './commands/crawl.ts';
import { addDoctor } from './commands/doctor.ts';
import { addKeys } from './commands/keys.ts';
import { addMcp } from './commands/mcp.ts';
import { addModels } from './commands/models.ts';
import { addReclaim } from './commands/reclaim.ts';
import { addStatus } from './commands/status.ts';
import { addStore } from './commands/store.ts';

/** In the order of the help: to use a stack, then to operate it. */
const COMMANDS = [
  addAsk,
  addSearch,
  addAdd,
  addCrawl,
  addCollections,
  addStatus,
  addKeys,
  addModels,
  addDoctor,
  addReclaim,
  addAudit,
  addBackup,
  addStore,
  addMcp,
  addCompletion,
];

/**
 * Runs one command of `xnai`.
 *
 * @returns the exit code: 0 done, 1 failed, 2 not understood
 * @throws what the command throws; an error with `forOperator: true` is for its user to correct
 */
export async function runXnai(words: readonly string[], terminal: Terminal): Promise<number> {
  let code = 0;
  const finish = (result: number) => {
    code = result;
  };
  const program = new Command('xnai')
    .description('Asks, fills and operates a Xoe-NovAi stack.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.print(text.trimEnd()),
      writeErr: (text) => terminal.say(text.trimEnd()),
    })
    .showHelpAfterError('(--help shows the usage)');
  const session = { terminal, finish };
  for (const add of COMMANDS) add(program, session);
  try {
    await program.parseAsync(words, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    throw error;
  }
}
