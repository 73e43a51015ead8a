import { Command, CommanderError } from 'commander';
import type { Terminal } from './command.ts';
import { addAudit } from './commands/audit.ts';
import { addBackup } from './commands/backup.ts';
import { addDoctor } from './commands/doctor.ts';
import { addKeys } from './commands/keys.ts';
import { addMcp } from './commands/mcp.ts';
import { addModels } from './commands/models.ts';
import { addReclaim } from './commands/reclaim.ts';
import { addStatus } from './commands/status.ts';

const COMMANDS = [addAudit, addBackup, addDoctor, addKeys, addMcp, addModels, addReclaim, addStatus];

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
    .description('Operates a Xoe-NovAi stack.')
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
