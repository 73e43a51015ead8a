import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runXnai } from '@xnai/cli';
import { afterAll, describe, expect, it } from 'vitest';
import { unpackIfPossible } from './support/unpack-if-possible.ts';

const debian = unpackIfPossible('zsh', 'zsh', 'zsh-common');
afterAll(() => debian !== undefined && rmSync(debian, { recursive: true, force: true }));

/** What zsh does at Tab, save for the choice among the words that are offered, which needs its line editor. */
const TAB = `
module_path=($1/usr/lib/*/zsh/*(N))
fpath=($1/usr/share/zsh/functions $1/usr/share/zsh/functions/*(N/) $1/usr/share/zsh/functions/Completion/*(N/))
autoload -Uz compinit bashcompinit; compinit -u -D
source $2
tab() {
  local -a words=(xnai "$@") COMP_WORDS COMPREPLY BASH_VERSINFO
  local CURRENT=$#words
  local -x COMP_CWORD=$((CURRENT - 1)) COMP_POINT
  COMP_WORDS=("\${words[@]}")
  compgen -o default -F _xnai -- $words[CURRENT]
}
tab "\${@:3}"
`;

describe.skipIf(debian === undefined)('xnai completion zsh', () => {
  it.each([
    [['cr'], ['ask', 'search', 'crawl', 'completion', '--help']],
    [
      ['keys', ''],
      ['create', 'list', 'revoke', '--help'],
    ],
    [
      ['backup', '--json', 'restore', '--'],
      ['--json', '--target', '--identity', '--help'],
    ],
  ])('offers the words that stand behind %j', async (typed, offered) => {
    const folder = debian ?? '';
    const script = join(folder, '_xnai');
    await runXnai(['completion', 'zsh'], {
      print: (text) => writeFileSync(script, text),
      write: () => undefined,
      say: () => undefined,
      status: () => undefined,
      confirm: async () => false,
      signal: AbortSignal.timeout(10_000),
    });
    const zsh = ['bin/zsh', 'usr/bin/zsh'].map((path) => join(folder, path)).find(existsSync) ?? 'zsh';
    const { stdout, stderr } = spawnSync(zsh, ['-f', '-c', TAB, 'zsh', folder, script, ...typed], {
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(stdout.trim().split('\n')).toEqual(expect.arrayContaining(offered));
  });
});
