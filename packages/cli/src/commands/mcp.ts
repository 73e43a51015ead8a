import type { Command } from 'commander';
import type { Session } from '../command.ts';
import { openStack } from '../stack.ts';

/** Standard output belongs to the protocol, which is JSON: nothing else is printed, and there is no `--json`. */
export function addMcp(program: Command, { terminal: { signal } }: Session): void {
  program
    .command('mcp')
    .description('serve the stack to an MCP client on standard input and output')
    .action(async () => {
      const stack = await openStack();
      // Loaded here alone: it would take half of the start of every other command.
      const { serveMcpOverStdio } = await import('@xnai/mcp');
      await serveMcpOverStdio({ ...stack, signal });
    });
}
