import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureSigningKey } from '@xnai/secrets';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Chain, PRUNE } from './chain.ts';
import { listChainFiles, readLines } from './chain-files.ts';
import { type AuditLine, parseLine } from './line.ts';
import { verifyAudit } from './verify.ts';

let root: string;
let folder: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'xnai-chain-'));
  folder = join(root, 'audit/rag');
});
afterEach(() => rm(root, { recursive: true }));

const open = (more: object = {}) => Chain.open({ folder, writer: 'rag', ...more });

async function verify() {
  const key = await ensureSigningKey(join(root, 'audit-key'));
  return (await verifyAudit(join(root, 'audit'), { key })).findings;
}

async function linesOf(): Promise<AuditLine[]> {
  const texts = await Promise.all((await listChainFiles(folder)).map(readLines));
  return texts.flatMap(({ lines }) => lines).flatMap((text) => parseLine(text)?.line ?? []);
}

test('acts are lines in the order in which they were given, and go on after a restart', async () => {
  await using chain = await open();
  await Promise.all(['a', 'b', 'c'].map((what) => chain.append({ what, of: { name: `„${what}“` } })));
  await chain[Symbol.asyncDispose]();
  await using again = await open();
  await again.append({ what: 'd' });
  expect((await linesOf()).map(({ seq, what }) => `${seq} ${what}`)).toEqual(['1 a', '2 b', '3 c', '4 d']);
  expect(await verify()).toEqual([]);
});

test('a second writer is refused while the first one is there', async () => {
  await using _chain = await open();
  await expect(open()).rejects.toMatchObject({ code: 'LOCKED' });
});

test('a line that was torn by a crash is cut off, and the next line says so', async () => {
  await using first = await open();
  await first.append({ what: 'a' });
  await first[Symbol.asyncDispose]();
  const [file] = await listChainFiles(folder);
  await appendFile(file?.path ?? '', '{"seq":2,"at":"20');
  expect(await verify()).toEqual([]);
  await using chain = await open();
  await chain.append({ what: 'b' });
  const lines = await linesOf();
  expect(lines.map(({ what }) => what)).toEqual(['a', 'audit.torn', 'b']);
  expect(lines[1]?.of).toEqual({ bytes: 17 });
  expect(await verify()).toEqual([]);
});

test('a chain whose last line was changed is not continued', async () => {
  await using first = await open();
  await first.append({ what: 'a' });
  await first[Symbol.asyncDispose]();
  const [file] = await listChainFiles(folder);
  const text = await readFile(file?.path ?? '', 'utf8');
  await writeFile(file?.path ?? '', text.replace('"what":"a"', '"what":"z"'));
  await expect(open()).rejects.toMatchObject({
    code: 'AUDIT_DAMAGED',
    message: expect.stringContaining('line 1'),
  });
});

test('a file that is shortened or replaced under its writer takes no further line', async () => {
  await using chain = await open();
  await chain.append({ what: 'a' });
  const [file] = await listChainFiles(folder);
  await truncate(file?.path ?? '', 3);
  await expect(chain.append({ what: 'b' })).rejects.toMatchObject({ code: 'AUDIT_DAMAGED' });
  await rm(file?.path ?? '');
  await expect(chain.append({ what: 'b' })).rejects.toMatchObject({ code: 'AUDIT_DAMAGED' });
});

test('files are followed by new ones, the oldest are deleted, and the chain stays whole', async () => {
  await using chain = await open({ maxFileBytes: 700, maxFiles: 3 });
  for (let count = 0; count < 40; count++) await chain.append({ what: 'document.delete' });
  const files = await listChainFiles(folder);
  expect(files).toHaveLength(3);
  expect(files[0]?.firstSeq).toBeGreaterThan(10);
  expect((await linesOf()).some(({ what }) => what === PRUNE)).toBe(true);
  expect(await verify()).toEqual([]);
  // Without such a line, a missing file is a hole.
  await rm(files[0]?.path ?? '');
  expect(await verify()).toEqual([expect.objectContaining({ kind: 'removed' })]);
});

test('a writer that is killed while it writes loses no line that it acknowledged', async () => {
  const script = `
    const { Chain } = await import(process.argv[1]);
    const chain = await Chain.open({ folder: process.argv[2], writer: 'rag', maxFileBytes: 20_000 });
    for (;;) process.stdout.write((await chain.append({ what: 'document.delete' })).seq + '\\n');`;
  const module = new URL('./chain.ts', import.meta.url).href;
  for (let round = 0; round < 3; round++) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, module, folder]);
    let said = '';
    child.stdout.on('data', (text) => {
      said += text;
      if (said.length > 500 + round * 37) child.kill('SIGKILL');
    });
    await once(child, 'close');
    const acknowledged = Number(
      said
        .trimEnd()
        .split('\n')
        .at(said.endsWith('\n') ? -1 : -2),
    );
    await using chain = await open();
    expect(acknowledged).toBeGreaterThan(0);
    expect(chain.head.seq).toBeGreaterThanOrEqual(acknowledged);
    expect(await verify()).toEqual([]);
  }
});
