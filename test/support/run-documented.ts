import { execFile } from 'node:child_process';
import { runXnai } from '@xnai/cli';

export interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface Place {
  readonly cwd: string;
  /** Of the package.json. The set-up, with which they begin, has run already. */
  readonly scripts: Readonly<Record<string, string>>;
}

const ASSIGNED = 'A="Authorization: Bearer $KEY"; J="Content-Type: application/json"; ';
const XNAI = /packages\/cli\/src\/main\.ts (\w+)$/;

/** Runs a command as npm or a shell would. Those of `xnai` run in this process, which saves the start of each. */
export async function runDocumented(command: string, { cwd, scripts }: Place): Promise<Result> {
  const [, name = '', operands = ''] = /^npm run (\S+)(?: --)?(.*)$/.exec(command) ?? [];
  const script = scripts[name]?.replace('node apps/dev/setup.mjs && exec ', '');
  const [, word] = XNAI.exec(script ?? '') ?? [];
  if (word !== undefined) return runWords([word, ...operands.trim().split(/ +/).filter(Boolean)]);
  return runShell(script === undefined ? ASSIGNED + command : script + operands, cwd);
}

async function runWords(words: readonly string[]): Promise<Result> {
  const [printed, said]: [string[], string[]] = [[], []];
  const code = await runXnai(words, {
    print: (text) => void printed.push(`${text}\n`),
    write: (text) => void printed.push(text),
    say: (text) => void said.push(`${text}\n`),
    status: () => undefined,
    confirm: async () => false,
    signal: new AbortController().signal,
  });
  return { code, stdout: printed.join(''), stderr: said.join('') };
}

function runShell(command: string, cwd: string): Promise<Result> {
  return new Promise((resolve) => {
    execFile('sh', ['-c', command], { cwd }, (error, stdout, stderr) => {
      resolve({
        code: typeof error?.code === 'number' ? error.code : error === null ? 0 : 1,
        stdout,
        stderr,
      });
    });
  });
}
