import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { createLogger } from './logger.ts';

const root = mkdtempSync(join(tmpdir(), 'xnai-log-'));
afterAll(() => rmSync(root, { recursive: true }));

function capture(isTTY = false) {
  const lines: string[] = [];
  return { lines, out: { isTTY, write: (line: string) => void lines.push(line) } };
}

describe('createLogger', () => {
  test('writes JSON with name, level and time where no person reads', () => {
    const { lines, out } = capture();

    createLogger({ name: 'rag', out }).info({ chunks: 3 }, 'indexed');

    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'info',
      name: 'rag',
      chunks: 3,
      msg: 'indexed',
    });
    expect(JSON.parse(lines[0] ?? '').time).toMatch(/^\d{4}-\d\d-\d\dT/);
  });

  test('writes readable lines on a terminal', () => {
    const { lines, out } = capture(true);

    createLogger({ name: 'rag', out }).warn({ chunks: 3 }, 'indexed');

    expect(lines[0]).toMatch(/WARN.*indexed/);
    expect(() => JSON.parse(lines[0] ?? '')).toThrow();
  });

  test('leaves out what is below its level', () => {
    const { lines, out } = capture();
    const log = createLogger({ name: 'rag', level: 'warn', out });

    log.info('no');
    log.warn('yes');

    expect(lines).toHaveLength(1);
  });

  test('lets no credential through: not by field, not in a URL, not in an error', () => {
    const { lines, out } = capture();
    const log = createLogger({ name: 'rag', out });

    log.info({
      req: { headers: { authorization: 'Bearer hunter2hunter2', 'x-api-key': 'hunter2', cookie: 'hunter2' } },
      password: 'hunter2',
      redis: { password: 'hunter2' },
      url: 'redis://rag:hunter2@host',
      err: new Error('cannot reach redis://rag:hunter2@host'),
    });
    log.child({ token: 'hunter2' }).info('with key xnai_%s', `hunter2${'a'.repeat(36)}`);

    expect(lines.join('')).not.toContain('hunter2');
    expect(lines.join('')).toContain('cannot reach redis://[redacted]@host');
  });

  test('writes to the log folder too, from the first line on', async () => {
    const dir = join(root, 'new', 'folder');
    const { lines, out } = capture();

    const log = createLogger({ name: 'rag', logDir: dir, out });
    log.info('first');

    await vi.waitFor(() => expect(readFileSync(join(dir, 'rag.1.log'), 'utf8')).toBe(lines.join('')));
    log.info('second');
    expect(readFileSync(join(dir, 'rag.1.log'), 'utf8')).toContain('second');
  });

  test('keeps the log folder under its caps, and the latest lines in it', async () => {
    const dir = join(root, 'capped');
    const { out } = capture();
    const log = createLogger({ name: 'rag', logDir: dir, maxLogFileBytes: 20_000, maxLogFiles: 3, out });
    const filler = 'x'.repeat(200);

    for (let n = 0; n < 2000; n++) {
      log.info({ n, filler }, 'line');
      if (n % 10 === 0) await new Promise(setImmediate);
    }

    await vi.waitFor(() => expect(readdirSync(dir)).toHaveLength(3));
    const sizes = readdirSync(dir).map((file) => statSync(join(dir, file)).size);
    expect(Math.max(...sizes)).toBeLessThan(25_000);
    const texts = readdirSync(dir).map((file) => readFileSync(join(dir, file), 'utf8'));
    expect(texts.join('')).toContain('"n":1999');
  });

  test.each([
    ['that is a file', join(root, 'file'), (dir: string) => writeFileSync(dir, '')],
    ['whose files are full', join(root, 'full'), fillUp],
    ['that cannot be made', '/proc/nowhere/deep', () => {}],
  ])('warns once about a log folder %s, and goes on', async (_name, dir, prepare) => {
    prepare(dir);
    const { lines, out } = capture();
    const log = createLogger({ name: 'rag', logDir: dir, out });

    log.info('one');
    await vi.waitFor(() => expect(lines.join('')).toContain('log folder cannot be written'));
    for (let n = 0; n < 50; n++) log.info({ n }, 'more');

    expect(lines.filter((line) => line.includes('log folder cannot be written'))).toHaveLength(1);
    expect(lines).toHaveLength(52);
  });

  test('a folder that fills up later costs one warning and no line', async () => {
    const dir = join(root, 'later');
    const { lines, out } = capture();
    const log = createLogger({ name: 'rag', logDir: dir, maxLogFileBytes: 1000, out });
    log.info('one');
    await vi.waitFor(() => expect(readdirSync(dir)).toHaveLength(1));

    symlinkSync('/dev/full', join(dir, 'rag.2.log'));
    const filler = 'x'.repeat(400);
    for (let n = 0; n < 20; n++) {
      log.info({ n, filler }, 'more');
      await new Promise(setImmediate);
    }

    await vi.waitFor(() => expect(lines.join('')).toContain('log folder cannot be written'));
    expect(lines.filter((line) => line.includes('"msg":"more"'))).toHaveLength(20);
    expect(lines.filter((line) => line.includes('log folder cannot be written'))).toHaveLength(1);
  });
});

// A device that is always full stands for a tmpfs that is.
function fillUp(dir: string): void {
  mkdirSync(dir);
  symlinkSync('/dev/full', join(dir, 'rag.1.log'));
}
