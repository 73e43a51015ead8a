import { createInterface } from 'node:readline/promises';
import type { Terminal } from './command.ts';

const CLEAR_LINE = '\r\u001B[K';

interface Streams {
  readonly stdin: typeof process.stdin;
  readonly stdout: Pick<typeof process.stdout, 'write' | 'isTTY'>;
  readonly stderr: Pick<typeof process.stderr, 'write' | 'isTTY' | 'columns'>;
}

/** The terminal, or the files and pipes, of this process. What a screen would obey in texts of others is made visible. */
export function openTerminal(signal: AbortSignal, { stdin, stdout, stderr }: Streams = process): Terminal {
  let shown: string | undefined;
  const writeTo = (stream: Streams['stdout'], text: string) =>
    void stream.write(stream.isTTY ? withoutCommands(text) : text);
  const status: Terminal['status'] = (line) => {
    if (!stderr.isTTY || (line === undefined && shown === undefined)) return;
    shown = line;
    const [first = ''] = withoutCommands(line ?? '').split('\n');
    stderr.write(`${CLEAR_LINE}${first.slice(0, Math.max(20, stderr.columns - 1))}`);
  };
  /** Between the status line and what is written, which may go to the same screen. */
  const above = (write: () => void) => {
    const line = shown;
    status(undefined);
    write();
    status(line);
  };
  return {
    print: (text) => above(() => writeTo(stdout, `${text}\n`)),
    write: (text) => writeTo(stdout, text),
    say: (text) => above(() => writeTo(stderr, `${text}\n`)),
    status,
    confirm: async (question) => stdin.isTTY && stderr.isTTY && /^y(es)?$/i.test(await ask(question)),
    signal,
  };
}

/** Pages and files may hold codes that move the cursor, rename the window or fill the clipboard. */
function withoutCommands(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(/[^\P{Cc}\n\t]/gu, '\uFFFD');
}

/** The line that was typed; an empty one when the input ended, or at Ctrl-C. */
async function ask(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const ended = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
  const answer = await Promise.race([lines.question(question), ended]);
  lines.close();
  return answer.trim();
}
