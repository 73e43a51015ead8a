import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writeUnits } from './write-units.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'units-'));
});
afterEach(() => rmSync(folder, { recursive: true }));
const read = (name: string) => readFileSync(join(folder, name), 'utf8');

it('replaces the units that it wrote, and deletes those that are gone', () => {
  writeUnits(join(folder, 'systemd'), { 'xnai-old.container': 'old\n', 'xnai-rag.container': 'first\n' });
  writeUnits(join(folder, 'systemd'), { 'xnai-rag.container': 'second\n' });

  expect(readdirSync(join(folder, 'systemd'))).toEqual(['xnai-rag.container']);
  expect(read('systemd/xnai-rag.container')).toMatch(/^# Written by .*\nsecond\n$/);
});

it('keeps files and folders that it did not write, whatever their names', () => {
  writeFileSync(join(folder, 'xnai-backup.container'), '[Container]\nImage=mine\n');
  writeFileSync(join(folder, 'xnai-notes.txt'), 'mine\n');
  mkdirSync(join(folder, 'xnai-rag.container.d'));

  writeUnits(folder, { 'xnai-rag.container': 'first\n' });
  writeUnits(folder, {});

  expect(readdirSync(folder).sort()).toEqual([
    'xnai-backup.container',
    'xnai-notes.txt',
    'xnai-rag.container.d',
  ]);
  expect(read('xnai-backup.container')).toBe('[Container]\nImage=mine\n');
});

it('refuses to write over a file that it did not write, and changes nothing then', () => {
  writeUnits(folder, { 'xnai-old.container': 'old\n' });
  writeFileSync(join(folder, 'xnai-rag.container'), 'mine\n');

  expect(() => writeUnits(folder, { 'xnai-rag.container': 'first\n' })).toThrow(/xnai-rag\.container/);
  expect(read('xnai-rag.container')).toBe('mine\n');
  expect(readdirSync(folder)).toContain('xnai-old.container');
});
