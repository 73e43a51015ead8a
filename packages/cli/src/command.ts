import { ClientError } from '@xnai/contracts/client';
import { explainFailure } from '@xnai/mcp/texts';
import type { Command } from 'commander';

export interface Terminal {
  /** The result: standard output. */
  readonly print: (text: string) => void;
  /** Part of the result as it comes, without a line break. */
  readonly write: (text: string) => void;
  /** Everything else: standard error. */
  readonly say: (text: string) => void;
  /** Shows a line that the next one replaces, where somebody watches; undefined takes it away. */
  readonly status: (line: string | undefined) => void;
  /** Whether the user says yes; no where nobody can be asked. */
  readonly confirm: (question: string) => Promise<boolean>;
  /** Aborted when the user stops the command. */
  readonly signal: AbortSignal;
}

export interface Session {
  readonly terminal: Terminal;
  /** Sets the exit code. */
  readonly finish: (code: number) => void;
}

/** What a command found or did: the same for programs (`--json`) and for people. */
export interface Outcome {
  readonly data: unknown;
  readonly text: string;
  /** Default: 0. */
  readonly code?: number;
}

export interface Call<Options> {
  readonly operands: readonly string[];
  readonly options: Options;
  readonly isJson: boolean;
  readonly terminal: Terminal;
  /** Reports progress. */
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** A failure that the user of the command can do something about: printed without a stack, exit code 1. */
export class CommandError extends Error {
  readonly forOperator = true;
}

/** Operands that are not understood: printed with a hint at the usage, exit code 2. */
export class UsageError extends Error {}

/**
 * Adds a command that has `--json`: it prints its data as one JSON document, and progress goes to standard error.
 *
 * @param usage the name and its operands: `revoke <id>`
 */
export function addCommand<Options = object>(
  parent: Command,
  usage: string,
  session: Session,
  run: (call: Call<Options>) => Promise<Outcome>,
): Command {
  const { terminal, finish } = session;
  const command = parent.command(usage).option('--json', 'print one JSON document');
  return command.action(async () => {
    const options = command.opts<Options & { json?: true }>();
    const isJson = options.json ?? false;
    const say = isJson ? terminal.say : terminal.print;
    const {
      data,
      text,
      code = 0,
    } = await understood(command, () =>
      run({ operands: command.args, options, isJson, terminal, say, signal: terminal.signal }),
    );
    terminal.print(isJson ? JSON.stringify(data, undefined, 2) : text);
    finish(code);
  });
}

async function understood<Result>(command: Command, run: () => Promise<Result>): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof UsageError) command.error(error.message);
    if (error instanceof ClientError) throw new CommandError(explainFailure(error), { cause: error });
    throw error;
  }
}
