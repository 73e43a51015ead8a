import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runXnai } from './xnai.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'xnai-cli-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The process that users start, with no settings but a data folder of its own. */
function xnai(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(import.meta.dirname, 'main.ts'), ...words],
    {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], XNAI_DATA_DIR: folder },
    },
  );
  return { code: status, stdout, stderr };
}

/** The same in this process. */
async function run(...words: string[]) {
  const [printed, said]: [string[], string[]] = [[], []];
  const code = await runXnai(words, {
    print: (text) => void printed.push(text),
    write: (text) => void printed.push(text),
    say: (text) => void said.push(text),
    status: () => undefined,
    confirm: async () => false,
    signal: AbortSignal.timeout(10_000),
  });
  return { code, printed: printed.join('\n'), said: said.join('\n') };
}

describe('xnai', () => {
  it('makes, lists and revokes keys', () => {
    const made = JSON.parse(xnai('keys', 'create', '--scopes', 'query', '--name', 'me', '--json').stdout);
    expect(made).toMatchObject({ key: expect.stringMatching(/^xnai_/), scopes: ['query'], name: 'me' });
    const listed = xnai('keys', 'list').stdout;
    expect(listed).toContain(made.id);
    expect(listed).not.toContain(made.key);
    expect(listed).toContain(`1 keys in ${join(folder, 'keys.json')}`);
    expect(xnai('keys', 'create', '--scopes', 'query', '--name', 'xnai:crawler')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('The name xnai:crawler is for keys that the stack makes'),
    });
    expect(xnai('keys', 'revoke', made.id)).toMatchObject({ code: 0 });
    expect(JSON.parse(xnai('keys', 'list', '--json').stdout)).toEqual([]);
  });

  it('records who made and revoked keys, and finds an edited record', () => {
    const { id } = JSON.parse(xnai('keys', 'create', '--scopes', 'query', '--name', 'me', '--json').stdout);
    xnai('keys', 'revoke', id);
    const shown = xnai('audit', 'show', '--what', 'key', '--since', '1h').stdout.trimEnd().split('\n');
    expect(shown).toEqual([
      expect.stringContaining(`key.create  ${userInfo().username}  id=${id} name=me scopes=["query"]`),
      expect.stringContaining(`key.revoke  ${userInfo().username}  id=${id} name=me`),
    ]);
    expect(xnai('audit', 'verify')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Every line is as it was written.'),
    });
    const file = join(folder, 'audit/commands/000000000001.jsonl');
    writeFileSync(file, readFileSync(file, 'utf8').replace(`"what":"key.revoke"`, `"what":"key.create"`));
    const { code, stdout } = xnai('audit', 'verify');
    expect(code).toBe(1);
    expect(stdout).toContain(
      'CHANGED  commands/000000000001.jsonl:3  line 3 was changed after it was written',
    );
    expect(xnai('audit', 'show', '--since', 'soon').code).toBe(2);
    expect(xnai('audit', 'show', '--what', 'document.delete')).toMatchObject({ code: 0, stderr: '' });
    expect(xnai('audit', 'show', '--what', 'foo')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('There is no act foo. There are: act.failed, audit.checkpoint,'),
    });
    writeFileSync(file, '');
    const emptied = xnai('audit', 'verify');
    expect(emptied).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('CUT  commands  its files are there, and hold no line'),
    });
    expect(emptied.stdout).not.toContain('undefined');
  });

  it('names a folder that is not there', () => {
    const missing = join(folder, 'missing');
    expect(xnai('backup', 'list', '--target', missing)).toMatchObject({
      code: 1,
      stderr: `There is no folder ${missing}\n`,
    });
    expect(xnai('audit', 'show')).toMatchObject({
      code: 1,
      stderr: `There is no audit in ${join(folder, 'audit')}.\n`,
    });
  });

  it('has exit code 1 and one sentence for what cannot be done', () => {
    expect(xnai('keys', 'revoke', '0123')).toEqual({
      code: 1,
      stdout: '',
      stderr: `No key in ${join(folder, 'keys.json')} has the id 0123.\n`,
    });
    expect(xnai('models', 'verify')).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('nothing was'),
    });
    expect(xnai('models', 'rm', 'a.gguf').stderr).toContain('There is no a.gguf in');
  });

  it('lists models and cut-off fetches, verifies the models, and ends with 1 when one is damaged', () => {
    const models = join(folder, 'models');
    mkdirSync(join(models, 'acme'), { recursive: true });
    writeFileSync(join(models, 'acme/small.gguf'), 'GGUF');
    writeFileSync(join(models, 'acme/small.gguf.json'), JSON.stringify(manifestOf('GGUF')));
    writeFileSync(join(models, 'acme/given-up.gguf.0123.part'), Buffer.alloc(20_000_000));
    expect(xnai('models', 'list')).toMatchObject({
      code: 0,
      stdout:
        'acme/small.gguf  0.00 GB  mit  hf:acme/small\nacme/given-up.gguf.0123.part  0.02 GB  unfinished\n',
    });
    expect(xnai('models', 'verify')).toMatchObject({ code: 0, stdout: 'intact   acme/small.gguf\n' });
    writeFileSync(join(models, 'acme/small.gguf'), 'XXXX');
    expect(xnai('models', 'verify')).toMatchObject({ code: 1, stdout: 'DAMAGED  acme/small.gguf\n' });
    for (const name of ['acme/small.gguf', 'acme/given-up.gguf.0123.part'])
      expect(xnai('models', 'rm', name)).toMatchObject({ code: 0, stdout: `Removed ${name}.\n` });
    expect(xnai('models', 'list').stdout).toBe(`No models in ${models}.\n`);
  });

  it.each([
    ['an unknown command', ['frobnicate'], "unknown command 'frobnicate'"],
    ['a command without its verb', ['keys'], 'Usage: xnai keys'],
    ['a misspelt option', ['keys', 'list', '--jsn'], '(Did you mean --json?)'],
    ['a missing option', ['keys', 'create'], "required option '--scopes <list>' not specified"],
    [
      'a wrong value',
      ['keys', 'create', '--scopes', 'all'],
      'No such scope: all. There are: query, ingest, web, crawl, admin, metrics',
    ],
    [
      'a recipient that is none',
      ['backup', 'create', '--target', '/nowhere', '--recipient', 'age1bad'],
      'age1bad is no age recipient',
    ],
    ['too many words', ['keys', 'list', 'more'], 'too many arguments'],
    ['an operand of another form', ['models', 'pull', '/etc/passwd'], 'is not of the form hf:user/name'],
  ])('has exit code 2 and a hint for %s', async (_what, words, message) => {
    const { code, printed, said } = await run(...words);
    expect({ code, printed }).toEqual({ code: 2, printed: '' });
    expect(said).toContain(message);
  });

  it('has help and --json in every command', async () => {
    const help = async (...words: string[]) => {
      const { code, printed } = await run(...words, '--help');
      expect(code).toBe(0);
      return printed;
    };
    const commandsIn = (text: string) =>
      [...(text.split('Commands:\n')[1] ?? '').matchAll(/^ {2}(\w+)/gm)].map(([, name = '']) => name);
    const visit = async (...words: string[]): Promise<void> => {
      const text = await help(...words);
      const commands = commandsIn(text).filter((name) => name !== 'help');
      // Their standard output is a protocol, and a script.
      const isForPrograms = ['mcp', 'completion'].includes(words.join(' '));
      if (commands.length === 0 && !isForPrograms) expect(text, words.join(' ')).toContain('--json');
      for (const name of commands) await visit(...words, name);
    };
    await visit();
    expect(commandsIn(await help())).toContain('keys');
  });

  it.each([
    ['xnai cr', 'crawl'],
    ['xnai keys re', 'revoke'],
    ['xnai ask --coll', '--collection'],
    ['xnai backup --json restore --ident', '--identity'],
    ['xnai nothing like', ''],
  ])('completes %j in bash', async (typed, completed) => {
    const { printed } = await run('completion', 'bash');
    const steps = 'COMP_WORDS=($1); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _xnai; echo "${COMPREPLY[*]}"';
    const { stdout, stderr } = spawnSync('bash', ['-c', `${printed}\n${steps}`, 'bash', typed], {
      encoding: 'utf8',
    });
    expect({ stdout, stderr }).toEqual({ stdout: `${completed}\n`, stderr: '' });
  });
});

/** What a fetch leaves beside its file. */
function manifestOf(content: string) {
  return {
    source: 'hf:acme/small',
    repository: 'acme/small',
    commit: '0123',
    sizeBytes: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
    license: 'mit',
    fetchedAt: '2026-11-27T12:00:00.000Z',
  };
}
