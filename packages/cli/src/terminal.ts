import { createInterface } from 'node:readline/promises';
import type { Terminal } from './command.ts';

const CLEAR_LINE = '\r\u001B[K';

/** The terminal, or the files and pipes, of this process. */
export function openTerminal(signal: AbortSignal): Terminal {
  const { stdin, stdout, stderr } = process;
  let shown: string | undefined;
  const status: Terminal['status'] = (line) => {
    if (!stderr.isTTY || (line === undefined && shown === undefined)) return;
    shown = line;
    stderr.write(`${CLEAR_LINE}${line?.slice(0, Math.max(20, stderr.columns - 1)) ?? ''}`);
  };
  /** Between the status line and what is written, which may go to the same screen. */
  const above = (write: () => void) => {
    const line = shown;
    status(undefined);
    write();
    status(line);
  };
  return {
    print: (text) => above(() => void stdout.write(`${text}\n`)),
    write: (text) => void stdout.write(text),
    say: (text) => above(() => void stderr.write(`${text}\n`)),
    status,
    confirm: async (question) => stdin.isTTY && stderr.isTTY && /^y(es)?$/i.test(await ask(question)),
    signal,
  };
}

/** The line that was typed; an empty one when the input ended, or at Ctrl-C. */
async function ask(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const ended = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
  const answer = await Promise.race([lines.question(question), ended]);
  lines.close();
  return answer.trim();
}
