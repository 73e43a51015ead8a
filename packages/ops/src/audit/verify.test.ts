import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSigningKey } from '@xnai/secrets';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Audit } from './audit.ts';
import { renderLine } from './line.ts';
import { type KnownHead, verifyAudit } from './verify.ts';

let root: string;
let key: KeyObject;
const places = () => ({ folder: join(root, 'audit'), keyFile: join(root, 'audit-key') });

/** rag: ten acts and a checkpoint as line 11. crawler: two acts, then a checkpoint that also names rag's last line. */
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'xnai-verify-'));
  const rag = new Audit({ ...places(), writer: 'rag', by: 'rag' });
  for (let id = 1; id <= 10; id++) await rag.record({ what: 'document.delete', of: { id } });
  await rag.close();
  const crawler = new Audit({ ...places(), writer: 'crawler', by: 'crawler' });
  for (let id = 1; id <= 2; id++) await crawler.record({ what: 'crawl.cancel', of: { id } });
  await crawler.close();
  key = await readSigningKey(places().keyFile);
});
afterEach(() => rm(root, { recursive: true }));

const file = (writer = 'rag') => join(root, 'audit', writer, '000000000001.jsonl');

async function edit(change: (lines: string[]) => readonly string[], writer = 'rag'): Promise<void> {
  const lines = (await readFile(file(writer), 'utf8')).trimEnd().split('\n');
  await writeFile(
    file(writer),
    change(lines)
      .map((line) => `${line}\n`)
      .join(''),
  );
}

async function findings(known: readonly KnownHead[] = []) {
  const report = await verifyAudit(places().folder, { key, known });
  return report.findings.map(
    ({ kind, at, text }) => `${kind} ${at?.replace('000000000001.jsonl', '1')}: ${text}`,
  );
}

/** As somebody writes who knows how lines are made. */
function forge(line: string, change: object): string {
  const { hash: _, ...old } = JSON.parse(line);
  return renderLine({ ...old, ...change }, { ...old, ...change }).text;
}

test('an untouched audit has no findings, and says what it holds', async () => {
  const { chains, findings } = await verifyAudit(places().folder, { key });
  expect(findings).toEqual([]);
  expect(chains).toMatchObject([
    { writer: 'crawler', lines: 3, checkpoints: 1 },
    { writer: 'rag', lines: 11, checkpoints: 1, head: { seq: 11 } },
  ]);
});

describe('finds', () => {
  test('a changed line', async () => {
    await edit((lines) =>
      lines.map((line, index) => (index === 4 ? line.replace('"id":5', '"id":6') : line)),
    );
    expect(await findings()).toEqual(['changed rag/1:5: line 5 was changed after it was written']);
  });

  test('a line that was changed and hashed again', async () => {
    await edit((lines) => lines.map((line, index) => (index === 4 ? forge(line, { of: { id: 6 } }) : line)));
    expect(await findings()).toEqual(['changed rag/1:5: line 6 follows another line than this one']);
  });

  test('a line of which nothing can be read', async () => {
    await edit((lines) => lines.map((line, index) => (index === 4 ? 'xxxx' : line)));
    expect(await findings()).toEqual(['changed rag/1:5: this is no line of an audit chain']);
  });

  test.each([
    [1, 1, 'removed rag/1:1: line 1 is missing before this one'],
    [5, 1, 'removed rag/1:5: line 5 is missing before this one'],
    [5, 3, 'removed rag/1:5: lines 5 to 7 are missing before this one'],
  ])('lines that were removed (from %i, %i)', async (from, count, finding) => {
    await edit((lines) => lines.toSpliced(from - 1, count));
    expect(await findings()).toEqual([finding]);
  });

  test('a copied line', async () => {
    await edit((lines) => lines.toSpliced(7, 0, lines[2] ?? ''));
    expect(await findings()).toEqual(['inserted rag/1:8: a line with the number 3 does not belong here']);
  });

  test('an inserted line that follows the one before it', async () => {
    await edit((lines) => lines.toSpliced(4, 0, forge(lines[4] ?? '', { what: 'key.create' })));
    expect(await findings()).toEqual([
      'inserted rag/1:5: line 5 stands here and at rag/000000000001.jsonl:6, where the chain goes on',
    ]);
  });

  test('lines in another order', async () => {
    await edit((lines) => lines.toSpliced(3, 2, lines[4] ?? '', lines[3] ?? ''));
    expect(await findings()).toEqual(['reordered rag/1:4: line 5 stands before line 4']);
    await edit((lines) => lines.toSpliced(3, 2, lines[4] ?? '', lines[3] ?? ''));
    expect(await findings()).toEqual([]);
  });

  test('a cut end, by the checkpoint of another chain', async () => {
    await edit((lines) => lines.slice(0, 8));
    expect(await findings()).toEqual([
      'cut undefined: the chain ends with line 8; the checkpoint crawler/000000000001.jsonl:3 knows line 11',
    ]);
  });

  test('a deleted chain, by the checkpoint of another one', async () => {
    await rm(join(root, 'audit/rag'), { recursive: true });
    expect(await findings()).toEqual([expect.stringMatching(/^cut .*ends with line 0.*knows line 11$/)]);
  });

  test('a cut end of the chain that was written last, by a head from elsewhere only', async () => {
    const { chains } = await verifyAudit(places().folder, { key });
    const known = chains.map(({ writer, head }) => ({ writer, ...head, from: 'the log' }));
    expect(await findings(known)).toEqual([]);
    await edit((lines) => lines.slice(0, 1), 'crawler');
    expect(await findings()).toEqual([]);
    expect(await findings(known)).toEqual([
      'cut undefined: the chain ends with line 1; the log knows line 3',
    ]);
  });

  test('a chain that was written anew with good hashes, by the signature and by the other chain', async () => {
    await edit((lines) => {
      let prev = '0'.repeat(64);
      return lines.map((line) => {
        const text = forge(line, { prev, by: 'mallory' });
        prev = JSON.parse(text).hash;
        return text;
      });
    });
    expect(await findings()).toEqual([
      expect.stringMatching(/^changed rag\/1:10: line 10 is another one than the checkpoint rag/),
    ]);
    const forged = JSON.parse((await readFile(file(), 'utf8')).trimEnd().split('\n').at(-1) ?? '');
    const heads = { rag: { seq: 10, hash: forged.prev } };
    await edit((lines) => [...lines.slice(0, 10), forge(lines[10] ?? '', { of: { ...forged.of, heads } })]);
    expect(await findings()).toEqual(
      expect.arrayContaining(['signature rag/1:11: the signature of this checkpoint is false']),
    );
  });

  test('a line that a checkpoint names, as one that is not there', async () => {
    await edit((lines) => lines.toSpliced(9, 1));
    expect(await findings()).toEqual([
      'removed rag/1:10: line 10 is missing before this one',
      expect.stringMatching(/^removed undefined: line 10 is not there; the checkpoint \S+ knows it$/),
    ]);
  });

  test('a checkpoint of another key', async () => {
    key = generateKeyPairSync('ed25519').privateKey;
    expect(await findings()).toEqual([
      expect.stringMatching(/^signature crawler\/1:3: this checkpoint was signed with another key/),
      expect.stringMatching(/^signature rag\/1:11: /),
    ]);
  });
});
